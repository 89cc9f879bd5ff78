#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Adds up Meson's test logs: count.py TESTLOG.json... prints "N passed, N failed[, N skipped]"."""
import json
import sys

passed = failed = skipped = 0
for path in sys.argv[1:]:
    with open(path, encoding='utf-8') as log:
        for line in log:
            test = json.loads(line)
            if test['result'] in ('OK', 'EXPECTEDFAIL'):
                passed += 1
            elif test['result'] == 'SKIP':
                skipped += 1
                reason = [l for l in (test.get('stdout') or '').splitlines() if 'skipped:' in l]
                print(f"{test['name']}: {reason[0] if reason else 'skipped'}")
            else:
                failed += 1
                print(f"FAILED: {test['name']} ({test['result']})")
print(f'{passed} passed, {failed} failed' + (f', {skipped} skipped' if skipped else ''))
