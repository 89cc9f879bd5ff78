#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Turns the rule pack (rules/**/*.yml) into a C table, so that the program carries it.

usage: gen_pack.py RULES_DIR OUT.c DEPFILE
"""
import os
import sys


def main():
    rules_dir, out_path, dep_path = sys.argv[1:]
    found, folders = [], []
    for folder, names, files in os.walk(rules_dir):
        names.sort()
        folders.append(folder)  # a new rule changes its folder's time
        found += [os.path.join(folder, f) for f in sorted(files) if f.endswith('.yml')]
    lines = ['/* Generated from rules/ by tools/gen_pack.py. */', '#include "api/pack.h"', '']
    table = []
    for number, path in enumerate(sorted(found)):
        with open(path, 'rb') as handle:
            data = handle.read()
        if b'\0' in data:
            sys.exit(f'{path}: contains a NUL byte')
        lines.append(f'static const unsigned char rule_{number}[] = {{')
        lines += [','.join(map(str, data[i:i + 24])) + ',' for i in range(0, len(data), 24)]
        lines += ['};', '']
        name = os.path.relpath(path, rules_dir).replace(os.sep, '/')
        table.append(f'    {{"{name}", (const char *)rule_{number}, sizeof rule_{number}}},')
    lines += ['const SekPackFile sek_pack_files[] = {'] + table + ['    {NULL, NULL, 0},', '};', '']
    with open(out_path, 'w', encoding='utf-8') as handle:
        handle.write('\n'.join(lines))
    with open(dep_path, 'w', encoding='utf-8') as handle:
        escaped = [p.replace(' ', '\\ ') for p in found + folders]
        handle.write(out_path + ': ' + ' \\\n  '.join(escaped) + '\n')


main()
