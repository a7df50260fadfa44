"""One function per command: it takes the parsed words, calls one verb and returns an outcome.

``EXPECTED`` of each module names the failures that are the operator's to mend; the command line shows their text without a traceback.
"""
