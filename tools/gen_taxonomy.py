#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Turns data/taxonomy/*.tsv into the C tables that src/event/taxonomy.h declares.

usage: gen_taxonomy.py SERVICES CATEGORIES RENAMES FIELDS FIELDS_KNOWN OUT.c
"""
import sys

DERIVE = {'none', 'integrity', 'user', 'device-path', 'direction', 'protocol', 'registry-object',
          'registry-details', 'registry-type'}


def rows(path, columns):
    with open(path, encoding='utf-8') as handle:
        for number, line in enumerate(handle, 1):
            if line.startswith('#') or not line.strip():
                continue
            cells = line.rstrip('\n').split('\t')
            if len(cells) != columns:
                sys.exit(f'{path}:{number}: {len(cells)} columns, expected {columns}')
            yield cells


def c_string(text):
    return '"' + text.replace('\\', '\\\\').replace('"', '\\"') + '"'


def c_list(texts):
    items = [c_string(t) for t in texts.split(';') if t]
    return '(const char *const[]){' + ', '.join(items + ['NULL']) + '}'


def main():
    services_path, categories_path, renames_path, *fields_paths, out_path = sys.argv[1:]
    services = {s: (channels, providers) for s, channels, providers in rows(services_path, 3)}
    sets = {}
    for name, sigma, event, derive in rows(renames_path, 4):
        if derive not in DERIVE:
            sys.exit(f'{renames_path}: unknown derivation {derive}')
        sets.setdefault(name, []).append((sigma, event, derive))
    out = ['/* Generated from data/taxonomy by tools/gen_taxonomy.py. */', '#include "event/taxonomy.h"', '',
           '#include <stddef.h>', '']
    index = {}
    out.append('const SekService sek_services[] = {')
    for i, (name, (channels, providers)) in enumerate(services.items()):
        index[name] = i
        out.append(f'    {{{c_string(name)}, {c_list(channels)}, {c_list(providers)}}},')
    out += ['};', f'const unsigned sek_n_services = {len(services)};', '']
    for name, items in sets.items():
        out.append(f'static const SekRename renames_{name.replace("-", "_")}[] = {{')
        for sigma, event, derive in items:
            kind = 'SEK_DERIVE_' + derive.upper().replace('-', '_')
            out.append(f'    {{{c_string(sigma)}, {c_string(event)}, {kind}}},')
        out += ['    {NULL, NULL, SEK_DERIVE_NONE},', '};', '']
    out.append('const SekCategoryWay sek_category_ways[] = {')
    count = 0
    for category, service, ids, field, values, renames in rows(categories_path, 6):
        if service not in index or (renames and renames not in sets):
            sys.exit(f'{categories_path}: {category}: unknown service or set of renames')
        id_list = '(const uint32_t[]){' + ', '.join(ids.split(',') + ['0']) + '}'
        name = f'renames_{renames.replace("-", "_")}' if renames else 'NULL'
        out.append(f'    {{{c_string(category)}, {index[service]}, {id_list}, '
                   f'{c_string(field) if field else "NULL"}, {c_list(values) if field else "NULL"}, {name}}},')
        count += 1
    out += ['};', f'const unsigned sek_n_category_ways = {count};', '']
    out += ['const SekEventFields sek_event_fields[] = {']
    count = 0
    for path in fields_paths:
        for service, provider, ids, fields in rows(path, 4):
            if service not in index:
                sys.exit(f'{path}: unknown service {service}')
            id_list = '(const uint32_t[]){' + ', '.join(ids.split(',') + ['UINT32_MAX']) + '}'
            out.append(f'    {{{index[service]}, {c_string(provider)}, {id_list}, {c_list(fields)}}},')
            count += 1
    out += ['};', f'const unsigned sek_n_event_fields = {count};', '']
    with open(out_path, 'w', encoding='utf-8') as handle:
        handle.write('\n'.join(out))


main()
