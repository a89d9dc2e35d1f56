"""`python -m webapp.web.help` writes the document that explains every reason anew."""

from webapp.web.help.why_not_synced import PAGE, page

PAGE.write_text(page(), encoding="utf-8")
