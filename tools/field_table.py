#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes data/taxonomy/fields.tsv: which fields the events of each service were seen to have.

usage: sekisho dump LOGS... | field_table.py SERVICES.tsv >fields.tsv

Reads events as `sekisho dump` writes them and prints one line for each set of event ids that have the same
fields: service, provider, ids, names. Only channels of a service in SERVICES.tsv count. Names are those that
rules use: `Name` of <Data>, tags and attributes below UserData; the System section is the same everywhere
and is left out. Run it on real logs only: what a log holds is a fact, what somebody wrote into one is not.
"""
import collections
import json
import sys


def services(path):
    with open(path, encoding='utf-8') as handle:
        for line in handle:
            if not line.startswith('#') and line.strip():
                name, channels, _ = line.rstrip('\n').split('\t')
                yield name, channels.lower().split(';')


def service_of(table, channel):
    for name, channels in table:
        for known in channels:
            if channel == known or (known.endswith('*') and channel.startswith(known[:-1])):
                return name
    return None


def names_below(tree, out):
    """Tags that hold text, and attributes, at any depth."""
    if isinstance(tree, list):
        for item in tree:
            names_below(item, out)
    if not isinstance(tree, dict):
        return
    for name, value in tree.items():
        if name == '#attributes':
            out.update(key for key in value if not key.startswith('xmlns'))
        elif name != '#text':
            items = value if isinstance(value, list) else [value]
            if any(not isinstance(item, dict) or not set(item) - {'#attributes', '#text'} for item in items):
                out.add(name)
            names_below(value, out)


def main():
    table = list(services(sys.argv[1]))
    seen = collections.defaultdict(set)
    for line in sys.stdin:
        event = json.loads(line)['Event']
        system = event.get('System') or {}
        number = system.get('EventID')
        number = number.get('#text') if isinstance(number, dict) else number
        provider = ((system.get('Provider') or {}).get('#attributes') or {}).get('Name') or ''
        service = service_of(table, str(system.get('Channel', '')).lower())
        names = set()
        names_below(event.get('EventData') or {}, names)
        names_below(event.get('UserData') or {}, names)
        if service and isinstance(number, int) and '\t' not in provider:
            seen[service, provider, number] |= names
    same = collections.defaultdict(list)
    for (service, provider, number), names in seen.items():
        same[service, provider, ';'.join(sorted(names))].append(number)
    print('# Fields that events were seen to have, by tools/field_table.py from real logs. Do not edit: what is known\n'
          '# from documents goes into fields_known.tsv, and both count.\n#service\tprovider\tevent_ids\tfields')
    for (service, provider, names), numbers in sorted(same.items(), key=lambda kv: (kv[0][:2], min(kv[1]))):
        print(service, provider, ','.join(map(str, sorted(numbers))), names, sep='\t')


main()
