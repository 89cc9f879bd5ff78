#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Compare our EVTX reader with two independent ones, record by record and value by value.

  compare_readers.py --command 'build/sekisho dump --format xml' [--json 'build/sekisho dump'] FILE|FOLDER...

The others are `evtxexport -f xml` (Debian libevtx-utils) and python-evtx (Debian python3-evtx, which is
why this runs under /usr/bin/python3). Every record that one of them reads must be read by us, and every
value that it names must be equal. The others render differently from Windows and have bugs of their
own; each such difference is a rule with a name and a reason below, and the table counts how often it
applied. Whatever no rule explains is printed and makes the exit status 1.

python-evtx reads 0.3 MB/s, so --sample N takes every Nth file for it only, and --limit SECONDS stops it
after that time per file; both are said in the table. A missing oracle is an error, unless --without.
"""
import argparse
import base64
import collections
import datetime
import html
import json
import os
import re
import shlex
import subprocess
import sys

TAG = re.compile(r"<(/?)([^\s<>/!?][^\s<>/]*)((?:\s+[^\s=<>/]+\s*=\s*(?:'[^']*'|\"[^\"]*\"))*)\s*(/?)>")
ATTRIBUTE = re.compile(r"([^\s=]+)\s*=\s*(?:'([^']*)'|\"([^\"]*)\")")


REFERENCE = re.compile(r"&(#\d+|#x[0-9a-fA-F]+|amp|lt|gt|quot|apos);")
NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}


def unescape(text):
    """XML references only; html.unescape would read &#148; as code page 1252 does."""
    def character(match):
        name = match.group(1)
        if name[0] != "#":
            return NAMED[name]
        return chr(int(name[2:], 16) if name[1] == "x" else int(name[1:]))
    return REFERENCE.sub(character, text) if "&" in text else text


class Event:
    """Record id and the values of one event: {place: [value, ...]}, in document order."""

    def __init__(self):
        self.values = collections.OrderedDict()
        self.id = None

    def add(self, place, value):
        self.values.setdefault(place, []).append(value)
        if place == "Event/System/EventRecordID":
            self.id = value.strip()


def parse_events(text):
    """Events of a text that holds <Event> elements among anything else. Not an XML parser on purpose: that
    would fold CR LF, trim, and stop at the control characters that logs hold."""
    at, stack, event, events = 0, [], None, []
    texts = []
    for tag in TAG.finditer(text):
        closing, name, attributes, empty = tag.groups()
        name = name.split(":")[-1]
        if event is not None and stack:
            texts[-1] += text[at:tag.start()]
        at = tag.end()
        if closing:
            if event is None or not stack:
                continue
            place, leaf = stack.pop()
            value = unescape(texts.pop())
            if leaf[0] or value.strip():
                event.add(place, value)
            if not stack:
                events.append(event)
                event = None
            continue
        if event is None:
            if name != "Event":
                continue
            event = Event()
        found = [(n, unescape(a if a is not None else b))
                 for n, a, b in (m.groups() for m in ATTRIBUTE.finditer(attributes))]
        found = [(n, v) for n, v in found if not n.startswith("xmlns")]
        place = (stack[-1][0] + "/" if stack else "") + name
        if stack:
            stack[-1][1][0] = False
        if name == "Data":
            names = [v for n, v in found if n == "Name"]
            place += "[%s]" % names[0] if names else ""
        for n, v in found:
            if not (name == "Data" and n == "Name"):
                event.add(place + "/@" + n, v)
        if empty:
            if not stack:
                events.append(event)
                event = None
            continue
        stack.append((place, [True]))
        texts.append("")
    return events


# --- the readers -------------------------------------------------------------------------------

def run(command, limit):
    """Standard output as text, and whether it ran to its end."""
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=limit,
                              check=False)
        return done.stdout.decode("utf-8", "replace"), done.returncode
    except subprocess.TimeoutExpired as stop:
        return (stop.stdout or b"").decode("utf-8", "replace"), None


PYTHON_EVTX = r"""
import sys
import Evtx.Evtx
with Evtx.Evtx.Evtx(sys.argv[1]) as log:
    for chunk in log.chunks():
        records = chunk.records()
        while True:
            try:
                record = next(records, None)
                if record is None:
                    break
                text = record.xml()
            except Exception as problem:
                sys.stderr.write("%s\n" % problem)
                if record is None:
                    break
                continue
            sys.stdout.buffer.write(text.encode("utf-8", "replace") + b"\n")
            sys.stdout.buffer.flush()
"""


def read_libevtx(path, limit):
    return run(["evtxexport", "-f", "xml", path], limit)


def read_python(path, limit):
    return run(["/usr/bin/python3", "-c", PYTHON_EVTX, path], limit)


# --- what may differ, and why ------------------------------------------------------------------

CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffd\ufffe\uffff]")
HEX = re.compile(r"0[xX][0-9a-fA-F]+\Z")
GUID = re.compile(r"\{?[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\}?\Z")
TIME = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d+))?(?:Z|\+00:00)?\Z")


def hexadecimal(ours, theirs):
    """HexInt32/64: Windows does not pad, libevtx and python-evtx do."""
    return bool(HEX.match(ours) and HEX.match(theirs)) and int(ours, 16) == int(theirs, 16)


def ticks(text):
    match = TIME.match(text)
    if not match:
        return None
    day = datetime.datetime.strptime(match.group(1) + match.group(2), "%Y-%m-%d%H:%M:%S")
    seconds = int((day - datetime.datetime(1601, 1, 1)).total_seconds())
    return seconds * 10**7 + int(((match.group(3) or "") + "0" * 9)[:7])


def time_digits(ours, theirs):
    """Times: libevtx writes 9 digits of which 7 are kept."""
    a = ticks(ours)
    return a is not None and a == ticks(theirs)


def time_float(ours, theirs):
    """Times: python-evtx goes through a floating-point number of seconds since 1601, exact to 2 us at best,
    and writes microseconds without a zone."""
    a, b = ticks(ours), ticks(theirs)
    return a is not None and b is not None and abs(a - b) <= 40


def guid_case(ours, theirs):
    """GUID: letter case, and braces that python-evtx leaves out."""
    return bool(GUID.match(ours) and GUID.match(theirs)) and \
        ours.strip("{}").lower() == theirs.strip("{}").lower()


def boolean_case(ours, theirs):
    """Boolean: python-evtx writes True and False."""
    return ours in ("true", "false") and theirs.lower() == ours


def size_t_decimal(ours, theirs):
    """size_t: Windows shows a pointer in hexadecimal, both oracles a decimal number."""
    return bool(HEX.match(ours)) and theirs.isdigit() and int(ours, 16) == int(theirs)


def control_characters(ours, theirs):
    """Characters that XML forbids: U+FFFD in ours, as they are in libevtx, left out by python-evtx."""
    return CONTROLS.sub("", ours) == CONTROLS.sub("", theirs)


def base64_binary(ours, theirs):
    """Binary: python-evtx writes Base64 where Windows writes hexadecimal."""
    try:
        return base64.b64decode(theirs, validate=True) == bytes.fromhex(ours)
    except ValueError:
        return False


VALUE_RULES = {
    "libevtx": [hexadecimal, time_digits, guid_case, size_t_decimal, control_characters],
    "python-evtx": [hexadecimal, time_float, guid_case, boolean_case, size_t_decimal, base64_binary,
                    control_characters],
}


def same(ours, theirs, rules, counts):
    if ours == theirs:
        counts["equal"] += 1
        return True
    for rule in rules:
        if rule(ours, theirs):
            counts[rule.__name__] += 1
            return True
    return False


def meaningful(values):
    """Values with something in them. An empty one cannot be told from an absent one in every rendering;
    libevtx drops one that is a line break, python-evtx one that is a control character."""
    return [v for v in values if CONTROLS.sub("", v).strip() != ""]


def spread_string_array(values, counts):
    """String arrays: python-evtx puts all items into one element, as <string>..</string> lines."""
    out = []
    for value in values:
        if value.startswith("<string>") and value.endswith("</string>\n"):
            out += value[len("<string>"):-len("</string>\n")].split("</string>\n<string>")
            counts["string_array"] += 1
        else:
            out.append(value)
    return out


def drop_repeated_tails(mine, values, counts):
    """String arrays with empty items at the front (uptime, System 6013): python-evtx gives one item twice, the
    second time only its end."""
    for i in range(1, len(values)):
        if values[i - 1].endswith(values[i]) and values[:i] + values[i + 1:] == mine:
            counts["repeated_tail"] += 1
            return mine
    return values


RAW_MARKUP = re.compile(r'(<Data(?: Name="[^"]*")?>)(<.*?)(</Data>)', re.S)


def escape_raw_markup(text):
    """Text that begins with "<": libevtx leaves it as it is (SOAP messages of LiveId), so that it looks
    like elements."""
    def escape(match):
        return match.group(1) + html.escape(unescape(match.group(2)), quote=False) + match.group(3)
    return RAW_MARKUP.sub(escape, text)


def is_second_fragment(places):
    """Both oracles read one fragment of a value of type BinXML; two records of Shell-Core hold two in one,
    EventData and RenderingInfo."""
    return bool(places) and all(place.startswith("Event/RenderingInfo") for place in places)


def is_torn(event):
    """python-evtx reads the values of a record on over its end; two records (RdpCoreTS, HelloForBusiness) whose
    second half was overwritten come out without provider and id."""
    return "".join(event.values.get("Event/System/Provider/@Name", [])) == ""


# --- comparison --------------------------------------------------------------------------------

def by_id(events):
    """{(record id, how many-eth of it): event}: ids may come twice in one file."""
    seen, out = collections.Counter(), collections.OrderedDict()
    for event in events:
        out[event.id, seen[event.id]] = event
        seen[event.id] += 1
    return out


def compare_event(ours, theirs, oracle, counts):
    """Differences that no rule explains: [(place, ours, theirs)]."""
    out, extra = [], []
    for place, values in theirs.values.items():
        if oracle == "python-evtx":
            values = spread_string_array(values, counts)
        mine, values = meaningful(ours.values.get(place, [])), meaningful(values)
        if oracle == "python-evtx":
            values = drop_repeated_tails(mine, values, counts)
        if len(mine) != len(values):
            out.append((place, mine, values))
            continue
        out += [(place, a, b) for a, b in zip(mine, values)
                if not same(a, b, VALUE_RULES[oracle], counts)]
    for place, values in ours.values.items():
        if place not in theirs.values and meaningful(values):
            extra.append((place, values, []))
    if is_second_fragment([place for place, _, _ in extra]):
        counts["second_fragment"] += 1
        extra = []
    return out + extra


def compare_file(path, args, oracle, reader):
    counts = collections.Counter()
    text, status = run(shlex.split(args.command) + [path], None)
    counts["we failed"] = status not in args.good_status
    ours = by_id(parse_events(text))
    text, status = reader(path, args.limit)
    if oracle == "libevtx":
        text = escape_raw_markup(text)
    theirs = by_id(parse_events(text))
    counts["stopped by time"] = status is None
    counts["oracle failed"] = status not in (0, None)
    counts["records ours"], counts["records theirs"] = len(ours), len(theirs)
    problems = []
    for key, event in theirs.items():
        if oracle == "python-evtx" and is_torn(event):
            counts["torn_record"] += 1
            continue
        if key not in ours:
            problems.append((key, "missing", [("record", [], list(event.values.items())[:3])]))
            continue
        differences = compare_event(ours[key], event, oracle, counts)
        if differences:
            problems.append((key, "differs", differences))
    counts["records differing"] = len(problems)
    for key, what, differences in problems[:args.most]:
        print("%s\n  %s: record %s %s" % (path, oracle, key[0], what))
        for place, a, b in differences[:4]:
            print("    %s\n      ours   %.300r\n      theirs %.300r" % (place, a, b))
    return counts


# --- our JSON against our XML ------------------------------------------------------------------

def text_of(value):
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return CONTROLS.sub("\ufffd", str(value)) if isinstance(value, str) else str(value)


def flatten(place, value, event):
    """The values of one element of the JSON, under the places that parse_events gives to the XML."""
    if isinstance(value, list):
        for item in value:
            flatten(place, item, event)
    elif isinstance(value, dict):
        name = value.get("#attributes", {}).get("Name")
        if place.endswith("/Data") and name is not None:
            place += "[%s]" % name
        for key, item in value.get("#attributes", {}).items():
            if not key.startswith("xmlns") and not (key == "Name" and "/Data[" in place):
                event.add(place + "/@" + key, text_of(item))
        if "#text" in value:
            event.add(place, text_of(value["#text"]))
        for key, item in value.items():
            if key not in ("#attributes", "#text"):
                prefixed = not place.endswith("/EventData")  # there a key is text, not an element's name
                flatten(place + "/" + (key.split(":")[-1] if prefixed else key), item, event)
    else:
        event.add(place, text_of(value))


def compare_json(path, args):
    """JSON Lines must hold what the XML holds: same events, and under each place the same values."""
    counts = collections.Counter()
    xml = parse_events(run(shlex.split(args.command) + [path], None)[0])
    lines = run(shlex.split(args.json) + [path], None)[0].split("\n")[:-1]
    counts["events"] = len(xml)
    if len(lines) != len(xml):
        print("%s\n  %d lines of JSON, %d events of XML" % (path, len(lines), len(xml)))
        counts["events differing"] = abs(len(lines) - len(xml))
    for line, theirs in zip(lines, xml):
        ours = Event()
        flatten("Event", json.loads(line)["Event"], ours)
        for place, values in theirs.values.items():
            named = re.sub(r"^Event/EventData/Data\[([^/]*)\]", r"Event/EventData/\1", place)
            found = ours.values.get(place, ours.values.get(named, []))
            if meaningful(found) != meaningful([text_of(v) for v in values]):
                counts["events differing"] += 1
                print("%s\n  record %s\n    %s\n      JSON %.300r\n      XML  %.300r"
                      % (path, theirs.id, place, found, values))
                break
            counts["values"] += len(values)
    return counts


def files_of(paths):
    for path in paths:
        if os.path.isdir(path):
            for folder, _, names in sorted(os.walk(path)):
                yield from (os.path.join(folder, n) for n in sorted(names) if n.lower().endswith(".evtx"))
        else:
            yield path


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="+")
    parser.add_argument("--command", default="build/sekisho dump --format xml")
    parser.add_argument("--json", help="our command for JSON Lines; compared with our own XML")
    parser.add_argument("--without", action="append", default=[], help="leave out an oracle")
    parser.add_argument("--sample", type=int, default=1, help="python-evtx: every Nth file only")
    parser.add_argument("--limit", type=float, default=None, help="seconds per file for an oracle")
    parser.add_argument("--most", type=int, default=5, help="problems printed per file")
    parser.add_argument("--good-status", type=int, nargs="*", default=[0, 4],
                        help="exit statuses of our command that are no failure (4: evidence was skipped)")
    args = parser.parse_args()
    oracles = {"libevtx": read_libevtx, "python-evtx": read_python}
    bad = 0
    paths = list(files_of(args.paths))
    for oracle, reader in oracles.items():
        if oracle in args.without:
            continue
        total = collections.Counter()
        chosen = paths[::args.sample] if oracle == "python-evtx" else paths
        for path in chosen:
            total += compare_file(path, args, oracle, reader)
            total["files"] += 1
        print("== %s" % oracle)
        for name, number in sorted(total.items()):
            print("  %-24s %d" % (name, number))
        if total["records theirs"] == 0:
            print("  read nothing: is it installed?")
            bad += 1
        bad += total["records differing"] + total["we failed"]
    if args.json:
        total = collections.Counter()
        for path in paths:
            total += compare_json(path, args)
        print("== our JSON and our XML")
        for name, number in sorted(total.items()):
            print("  %-24s %d" % (name, number))
        bad += total["events differing"] + (total["events"] == 0)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
