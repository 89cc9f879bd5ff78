# SPDX-License-Identifier: Apache-2.0
"""Events of `sekisho dump` (JSON) in the forms that other programs write them.

Each function takes one event (the value of "Event") and gives the record that the program in question
would have written, with what that program loses, except where it says otherwise.
"""
import re

GUID = re.compile(r'\{([0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12})\}')
HEX = re.compile(r'0x(?:0|[1-9a-f][0-9a-f]*)')
NAMESPACE = 'http://schemas.microsoft.com/win/2004/08/events/event'


def bare(value):
    """GUID values without braces, as the evtx crate and Velociraptor write them."""
    found = GUID.fullmatch(value) if isinstance(value, str) else None
    return found.group(1) if found else value


def text(value):
    if isinstance(value, bool):
        return 'true' if value else 'false'
    return '' if value is None else str(value)


def attributes(value):
    return value.get('#attributes', {}) if isinstance(value, dict) else {}


def content(value):
    return value.get('#text') if isinstance(value, dict) else value


def items(value):
    return value if isinstance(value, list) else [value]


def data_pairs(event):
    """(name or None, value) of EventData in order. Elements that are no <Data> have their own name."""
    data = event.get('EventData')
    pairs = []
    for key, value in (data.items() if isinstance(data, dict) else []):
        if key == '#attributes':
            continue
        for item in items(value):
            name = attributes(item).get('Name', key)
            pairs.append((None if name == 'Data' and key == 'Data' else name, content(item)))
    return pairs


def user_pairs(event):
    """(name, value) of what is in UserData, at any depth, attributes too."""
    pairs = []

    def walk(name, value, depth):
        if isinstance(value, list):
            for item in value:
                walk(name, item, depth)
            return
        if not isinstance(value, dict):
            if depth > 1:
                pairs.append((name, value))
            return
        if depth > 0:
            pairs.extend((k, v) for k, v in attributes(value).items() if not k.startswith('xmlns'))
        inner = {k: v for k, v in value.items() if k != '#attributes'}
        if not inner and depth > 1:
            pairs.append((name, ''))
        for key, item in inner.items():
            walk(name if key == '#text' else key, item, depth + (key != '#text'))
    walk('', event.get('UserData'), 0)
    return pairs


def system(event):
    s = event['System']
    names = {'Provider_Name': ('Provider', 'Name'), 'Provider_Guid': ('Provider', 'Guid'),
             'Provider_EventSourceName': ('Provider', 'EventSourceName'), 'Qualifiers': ('EventID', 'Qualifiers'),
             'Time': ('TimeCreated', 'SystemTime'), 'ActivityID': ('Correlation', 'ActivityID'),
             'RelatedActivityID': ('Correlation', 'RelatedActivityID'), 'ProcessID': ('Execution', 'ProcessID'),
             'ThreadID': ('Execution', 'ThreadID'), 'UserID': ('Security', 'UserID')}
    flat = {name: attributes(s.get(tag)).get(key) for name, (tag, key) in names.items()}
    for tag in 'EventID Version Level Task Opcode Keywords EventRecordID Channel Computer'.split():
        flat[tag] = content(s.get(tag))
    return {k: v for k, v in flat.items() if v is not None}


# --- the evtx crate, and what is built on it --------------------------------------------------


def crate_value(value, separate):
    """An element: GUIDs without braces, repeated ones numbered, attributes inside or beside."""
    if not isinstance(value, dict):
        return bare(value)
    out = {}
    for key, item in value.items():
        if key == '#attributes':
            out[key] = {k: bare(v) for k, v in item.items()}
            continue
        for i, one in enumerate(items(item)):
            name = key if i == 0 else f'{key}_{i}'
            inner = crate_value(one, separate)
            if separate and isinstance(inner, dict) and '#attributes' in inner:
                out[f'{name}_attributes'] = inner.pop('#attributes')
                inner = inner.get('#text', '') if set(inner) <= {'#text'} else inner
            out[name] = inner
    return out


def crate_data(event, separate):
    data, out = event.get('EventData'), {}
    if not isinstance(data, dict):
        return data
    unnamed = [bare(value) for name, value in data_pairs(event) if name is None]
    for key, value in data.items():
        if key == '#attributes':
            if not separate:
                out[key] = value
        elif key == 'Data' and unnamed:
            out[key] = {'#text': unnamed if len(unnamed) > 1 else unnamed[0]}
        elif isinstance(value, list) and not any(isinstance(v, dict) for v in value):
            out[key] = [bare(v) for v in value]
        else:
            out[key] = crate_value(value, separate)
    return out


def crate(event, separate=False):
    inner = {k: v for k, v in event.items() if k != 'EventData'}
    out = crate_value(inner, separate)
    if 'EventData' in event:
        out['EventData'] = crate_data(event, separate)
    if not separate:
        return {'Event': out}
    return {'Event_attributes': out.pop('#attributes', {'xmlns': NAMESPACE}), 'Event': out}


def hayabusa(event):
    return crate(event, separate=True)


# --- Velociraptor -------------------------------------------------------------------------------


def number(value):
    """HexInt values are plain numbers there."""
    value = bare(value)
    return int(value, 16) if isinstance(value, str) and HEX.fullmatch(value) else value


def plain(value, hex_too):
    if isinstance(value, list):
        return [plain(v, hex_too) for v in value]
    if not isinstance(value, dict):
        return number(value) if hex_too else bare(value)
    out = dict(attributes(value))
    for key, item in value.items():
        if key == '#text':
            out['Value'] = plain(item, hex_too)
        elif key != '#attributes':
            out[key] = plain(item, hex_too)
    return {k: bare(v) for k, v in out.items()}


def epoch(time):
    from datetime import datetime, timezone
    whole = datetime.fromisoformat(time[:19]).replace(tzinfo=timezone.utc)
    return float(f'{int(whole.timestamp())}.{time[20:27]}')


HEX_FIELDS = {
    'Microsoft-Windows-Security-Auditing': set(
        'AccessMask CallerProcessId HandleId NewProcessId NewUacValue OldUacValue ProcessId Status SubStatus '
        'SubjectLogonId TargetLinkedLogonId TargetLogonId TicketEncryptionType TicketOptions'.split()),
    'Microsoft-Windows-Sysmon': {'GrantedAccess', 'LogonId'},
}


def velociraptor(event):
    s = plain(event['System'], False)
    s['EventID'] = {'Value': content(event['System']['EventID']), **attributes(event['System']['EventID'])}
    if 'Keywords' in s:
        s['Keywords'] = int(s['Keywords'], 16)
    if isinstance(s.get('TimeCreated'), dict):
        s['TimeCreated'] = {'SystemTime': epoch(s['TimeCreated']['SystemTime'])}
    s = {k: {} if v is None else v for k, v in s.items()}
    out = {'System': s}
    hexes = HEX_FIELDS.get(s['Provider'].get('Name'), set())
    data = event.get('EventData')
    if isinstance(data, dict):
        out['EventData'] = {k: plain(v, k in hexes) for k, v in data.items() if k != '#attributes'}
    elif data is not None:
        out['EventData'] = data
    if 'UserData' in event:
        out['UserData'] = plain(event['UserData'], False)
    if 'RenderingInfo' in event:
        out['RenderingInfo'] = plain(event['RenderingInfo'], False)
    out['Message'] = ''
    return out


# --- shippers -----------------------------------------------------------------------------------

LEVELS = {'0': 'information', '1': 'critical', '2': 'error', '3': 'warning', '4': 'information', '5': 'verbose'}


def winlogbeat(event):
    """Empty values are kept and line ends stay: Winlogbeat itself drops the ones and folds the others."""
    s = system(event)
    win = {'api': 'wineventlog', 'channel': s.get('Channel'), 'computer_name': s.get('Computer'),
           'event_id': text(s.get('EventID')), 'provider_name': s.get('Provider_Name'),
           'record_id': s.get('EventRecordID'), 'opcode': 'Info', 'task': '', 'version': s.get('Version'),
           'process': {'pid': s.get('ProcessID'), 'thread': {'id': s.get('ThreadID')}}}
    if 'Provider_Guid' in s:
        win['provider_guid'] = s['Provider_Guid']
    keywords = int(s.get('Keywords', '0'), 16)
    for mask, name in (0x10000000000000, 'Audit Failure'), (0x20000000000000, 'Audit Success'):
        if keywords & mask:
            win['keywords'] = [name]
    if 'UserID' in s:
        win['user'] = {'identifier': s['UserID']}
    if 'ActivityID' in s:
        win['activity_id'] = s['ActivityID']
    data = {}
    for i, (name, value) in enumerate(data_pairs(event)):
        data.setdefault(name or f'param{i + 1}', text(value))
    if data:
        win['event_data'] = data
    user = {}
    for name, value in user_pairs(event):
        user.setdefault(name, text(value))
    if user:
        win['user_data'] = {**user, 'xml_name': next(k for k in event['UserData'] if k != '#attributes')}
    return {'@timestamp': s.get('Time'), '@metadata': {'beat': 'winlogbeat', 'type': '_doc', 'version': '8.0.0'},
            'event': {'code': text(s.get('EventID')), 'kind': 'event', 'provider': s.get('Provider_Name')},
            'host': {'name': s.get('Computer')}, 'log': {'level': LEVELS.get(text(s.get('Level')), 'information')},
            'winlog': {k: v for k, v in win.items() if v is not None},
            'agent': {'type': 'winlogbeat'}, 'ecs': {'version': '1.12.0'}}


def dotted_winlogbeat(event):
    """The same with dotted names, as search engines give it back."""
    out = {}

    def walk(prefix, value):
        if isinstance(value, dict):
            for key, item in value.items():
                walk(f'{prefix}.{key}' if prefix else key, item)
        else:
            out[prefix] = value
    walk('', winlogbeat(event))
    return out


def flat_data(event, taken):
    """Data by name. Names that the system part has are lost, and told by the second value."""
    out, lost = {}, False
    for name, value in data_pairs(event) + user_pairs(event):
        name = name or 'Data'
        if name in taken:
            lost = True
        elif name in out:
            out[name] = items(out[name]) + [text(value)]
        else:
            out[name] = text(value)
    return out, lost


def nxlog(event):
    """NXLog has no values without a name; here they are a list called Data."""
    s = system(event)
    time = s.get('Time', '')
    out = {'EventTime': time[:19].replace('T', ' '), 'Hostname': s.get('Computer'), 'EventType': 'INFO',
           'SeverityValue': {'1': 5, '2': 4, '3': 3, '5': 1}.get(text(s.get('Level')), 2), 'Severity': 'INFO',
           'EventID': s.get('EventID'), 'SourceName': s.get('Provider_Name'), 'ProviderGuid': s.get('Provider_Guid'),
           'Version': s.get('Version'), 'TaskValue': s.get('Task'), 'OpcodeValue': s.get('Opcode'), 'Opcode': 'Info',
           'RecordNumber': s.get('EventRecordID'), 'ExecutionProcessID': s.get('ProcessID'),
           'ThreadID': s.get('ThreadID'), 'Channel': s.get('Channel'), 'UserID': s.get('UserID'),
           'ActivityID': s.get('ActivityID'), 'SystemTime': time, '@timestamp': time[:23] + 'Z',
           'SourceModuleName': 'eventlog', 'SourceModuleType': 'im_msvistalog'}
    keywords = int(s.get('Keywords', '0'), 16)
    out['Keywords'] = keywords - (1 << 64) if keywords >> 63 else keywords
    out = {k: v for k, v in out.items() if v is not None}
    data, lost = flat_data(event, set(out) - {'EventType'})
    if 'EventType' in data:
        out['Message'] = 'Registry object:\r\nEventType: ' + data.pop('EventType') + '\r\nImage: x'
    return {**out, **data}, lost


def zircolite(event):
    """Zircolite drops empty values when it reads; here they are kept."""
    s = system(event)
    out = {'Provider_Name': s.get('Provider_Name'), 'Guid': bare(s.get('Provider_Guid')), 'EventID': s.get('EventID'),
           'Version': s.get('Version'), 'Level': s.get('Level'), 'Task': s.get('Task'), 'Opcode': s.get('Opcode'),
           'Keywords': s.get('Keywords'), 'SystemTime': s.get('Time'), 'EventRecordID': s.get('EventRecordID'),
           'ProcessID': s.get('ProcessID'), 'ThreadID': s.get('ThreadID'), 'Channel': s.get('Channel'),
           'Computer': s.get('Computer'), 'UserID': s.get('UserID'), 'Qualifiers': s.get('Qualifiers')}
    out = {k: v for k, v in out.items() if v is not None}
    data, lost = flat_data(event, set(out))
    data = {k: [bare(v) for v in x] if isinstance(x, list) else bare(x) for k, x in data.items()}
    return {**out, **data, 'OriginalLogfile': 'case.evtx'}, lost
