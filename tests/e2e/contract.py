"""What the query service promises in writing: the JSON Schemas, and the page of examples."""
import functools
import json
import re

import jsonschema

from house import ROOT

SCHEMAS = ROOT / "schemas"


@functools.lru_cache(maxsize=None)
def schema(name):
    return json.loads((SCHEMAS / (name + ".schema.json")).read_text())


@functools.lru_cache(maxsize=None)
def validator(name):
    base = "file:///schemas/" # stands for the folder; nothing is fetched
    store = {base + path.name: json.loads(path.read_text()) for path in SCHEMAS.glob("*.schema.json")}
    resolver = jsonschema.RefResolver(base + name + ".schema.json", schema(name), store=store)
    return jsonschema.Draft202012Validator(schema(name), resolver=resolver,
                                           format_checker=jsonschema.FormatChecker())


def check(name, message):
    """Fails with the place when the message is not what its schema says."""
    faults = ["%s: %s" % ("/".join(map(str, fault.absolute_path)) or "(top)", fault.message)
              for fault in validator(name).iter_errors(message)]
    if faults:
        raise AssertionError("not as schemas/%s.schema.json says:\n  %s\n%s" % (
            name, "\n  ".join(faults[:5]), json.dumps(message)[:2000]))
    return message


def examples(prefix):
    """(name, text) of the fenced examples of docs/requests.md whose schema begins so."""
    page = (ROOT / "docs" / "requests.md").read_text()
    return [(name, text) for name, text in re.findall(r"```json (\w+)\n(.*?)\n```", page, re.S)
            if name.startswith(prefix)]


def endpoint_of(name):
    """request_stats_trends -> stats/trends, by the endpoints that there are."""
    words = re.sub("^(request|answer)_", "", name)
    return words if words in ("stats", "health", "history", "devices", "rejects", "endpoints") else \
        words.replace("_", "/", 1)
