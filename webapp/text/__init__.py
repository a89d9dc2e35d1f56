"""Every text that people read and that is not written in a template: tables of stable names with their texts.

Screens, mails and the command line read them from here; the layers below know the names and their parameters
alone. Nothing here needs Flask, a database or a request.
"""
