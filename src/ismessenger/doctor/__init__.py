"""Says what is wrong with an installation, in words, with the mend. Nothing here changes anything that stays."""
