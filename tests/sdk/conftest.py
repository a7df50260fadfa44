"""Property tests run the same examples every time: a red build is red for everybody."""

from hypothesis import settings

settings.register_profile("sdk", deadline=None, database=None, derandomize=True, max_examples=200)
settings.load_profile("sdk")
