"""The book's settings for Sphinx; scripts/make_book.py runs it. Nothing of it is fetched: the book opens offline."""

project = "Flex SSO runbooks"
author = "the authors of Flex SSO runbooks"
html_title = project

extensions = ["myst_nb"]
# The notebooks' outputs are the documentation, and `make docs` makes them.
nb_execution_mode = "off"
nb_merge_streams = True
nb_output_stderr = "remove"

# A link stays as it is written, for a code-hosting page; scripts/make_book.py leads it to the page of the book.
myst_all_links_external = True
myst_heading_anchors = 3
# Pages of reference begin tables in which lines are anchors; notebooks jump from a title to a step.
suppress_warnings = ["myst.header"]
language = "en"
# This folder, and the contents of docs/, for which the book has a page of its own.
exclude_patterns = [
    "docs/book/*",
    "docs/README.md",
]

html_theme = "furo"
html_copy_source = False
html_show_copyright = False
html_show_sphinx = False
html_theme_options = {"navigation_with_keys": True}
# The excerpts beside a hit are fetched, and a browser fetches nothing for a page that is opened from a disk.
html_show_search_summary = False
