"""Syntax rules, one module a language; each rule has a true and a false example in its test."""
