"""Names in lists that others keep: media types (IANA), and languages and file types (Publications Office of the EU)."""

from __future__ import annotations

from dataclasses import dataclass

_EU = "http://publications.europa.eu/resource/authority/"
THEMES = f"{_EU}data-theme"


@dataclass(frozen=True)
class FileType:
    """A format of files: its name, media type, and IRI in the European authority table of file types."""

    name: str
    media_type: str
    authority: str


FILE_TYPES = {
    ".ttl": FileType("Turtle", "text/turtle", f"{_EU}file-type/RDF_TURTLE"),
    ".nt": FileType("N-Triples", "application/n-triples", f"{_EU}file-type/RDF_N_TRIPLES"),
    ".nq": FileType("N-Quads", "application/n-quads", f"{_EU}file-type/RDF_N_QUADS"),
    ".trig": FileType("TriG", "application/trig", f"{_EU}file-type/RDF_TRIG"),
    ".jsonld": FileType("JSON-LD", "application/ld+json", f"{_EU}file-type/JSON_LD"),
    ".rdf": FileType("RDF/XML", "application/rdf+xml", f"{_EU}file-type/RDF_XML"),
}

# The three-letter codes of ISO 639-2/T, which the European table uses, for the languages that it gives texts in and
# for those of the Union's neighbours and of the United Nations.
_LANGUAGES = {
    "ar": "ARA", "be": "BEL", "bg": "BUL", "bs": "BOS", "ca": "CAT", "cs": "CES", "da": "DAN", "de": "DEU",
    "el": "ELL", "en": "ENG", "es": "SPA", "et": "EST", "fi": "FIN", "fr": "FRA", "ga": "GLE", "hr": "HRV",
    "hu": "HUN", "is": "ISL", "it": "ITA", "ja": "JPN", "ka": "KAT", "lb": "LTZ", "lt": "LIT", "lv": "LAV",
    "mk": "MKD", "mt": "MLT", "nl": "NLD", "no": "NOR", "pl": "POL", "pt": "POR", "ro": "RON", "ru": "RUS",
    "sk": "SLK", "sl": "SLV", "sq": "SQI", "sr": "SRP", "sv": "SWE", "tr": "TUR", "uk": "UKR", "zh": "ZHO",
}  # fmt: skip


def language_iri(code: str) -> str:
    """The IRI of a language (BCP 47): the European one, else the Library of Congress's (DCAT 3, section 6.4.11)."""
    main = code.partition("-")[0].lower()
    if main in _LANGUAGES:
        return f"{_EU}language/{_LANGUAGES[main]}"
    return f"http://id.loc.gov/vocabulary/iso639-{1 if len(main) == 2 else 2}/{main}"


def media_type_iri(media_type: str) -> str:
    """The IRI of a media type at IANA."""
    return f"https://www.iana.org/assignments/media-types/{media_type}"
