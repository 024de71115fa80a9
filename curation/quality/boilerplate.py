"""What sites say on every page: script notices, cookie and policy lines, sharing and sign-up prompts."""

from __future__ import annotations

from catalog.checks import Example
from curation.text import TextView

VERSION = 1
REPORTS = {
    "boilerplate_script_notices": "Notices that a browser must run JavaScript.",
    "boilerplate_policy_phrases": "Cookie, privacy and terms phrases, per 1,000 words.",
    "boilerplate_prompts": "Prompts to share, sign up, log in or read on, per 1,000 words.",
}
EXAMPLES = (
    Example(
        "Please enable JavaScript to view this page. This site uses cookies. Read more",
        ("boilerplate_script_notices=1", "boilerplate_policy_phrases=76.9231", "boilerplate_prompts=76.9231"),
    ),
    Example("JavaScript is a language; cookies are baked.", ()),
)

# C4's own six, which its rules name.
POLICY = ("terms of use", "privacy policy", "cookie policy", "uses cookies", "use of cookies", "use cookies")
_POLICY = (
    *POLICY,
    "terms of service",
    "all rights reserved",
    "accept all cookies",
    "verwendet cookies",
    "verwenden cookies",
    "datenschutzerklärung",
    "alle rechte vorbehalten",
    "utilise des cookies",
    "politique de confidentialité",
    "tous droits réservés",
    "utiliza cookies",
    "política de privacidad",
    "todos los derechos reservados",
    "utilizza i cookie",
    "informativa sulla privacy",
    "gebruikt cookies",
)
_SCRIPT = (
    "enable javascript",
    "javascript is disabled",
    "javascript is required",
    "requires javascript",
    "turn on javascript",
    "javascript aktivieren",
    "activer javascript",
    "activar javascript",
)
_PROMPTS = (
    "read more",
    "click here",
    "sign up for",
    "subscribe to our",
    "share this",
    "share on",
    "log in to",
    "leave a comment",
    "leave a reply",
    "add to cart",
    "skip to content",
    "back to top",
    "weiterlesen",
    "lire la suite",
    "leer más",
)


def signals(view: TextView) -> dict[str, float | None]:
    words = len(view.words)
    if not words:
        return dict.fromkeys(REPORTS)
    return {
        "boilerplate_script_notices": view.phrases(_SCRIPT) if "javascript" in view.lower else 0,
        "boilerplate_policy_phrases": 1000 * view.phrases(_POLICY) / words,
        "boilerplate_prompts": 1000 * view.phrases(_PROMPTS) / words,
    }
