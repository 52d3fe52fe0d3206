"""Do our methods make the pictures that their authors' code makes? See __main__.py."""
