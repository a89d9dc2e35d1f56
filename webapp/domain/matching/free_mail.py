"""Providers of free mail: half the world shares these domains, so they say nothing about a company."""

from webapp.domain.matching.word_lists import words

FREE_MAIL_DOMAINS = words("free_mail_domains")
