/* SPDX-License-Identifier: Apache-2.0 */

/* Tables of names: aliases and cmdlets of Windows PowerShell 5.1, variables whose value is the same on nearly
 * every machine, automatic variables. Disguises spell names out of them or find them by wildcard. */

#include "decode/ps_run.h"

typedef struct Pair {
    const char *name, *value;
} Pair;

/* Get-Alias of Windows PowerShell 5.1, as far as the folder looks at the command. */
static const Pair aliases[] = {
    {"iex", "invoke-expression"},
    {"%", "foreach-object"},
    {"foreach", "foreach-object"},
    {"?", "where-object"},
    {"where", "where-object"},
    {"sv", "set-variable"},
    {"set", "set-variable"},
    {"nv", "new-variable"},
    {"gv", "get-variable"},
    {"variable", "get-variable"},
    {"clv", "clear-variable"},
    {"rv", "remove-variable"},
    {"si", "set-item"},
    {"gi", "get-item"},
    {"item", "get-item"},
    {"ni", "new-item"},
    {"gci", "get-childitem"},
    {"ls", "get-childitem"},
    {"dir", "get-childitem"},
    {"childitem", "get-childitem"},
    {"gc", "get-content"},
    {"cat", "get-content"},
    {"type", "get-content"},
    {"content", "get-content"},
    {"gcm", "get-command"},
    {"command", "get-command"},
    {"gal", "get-alias"},
    {"alias", "get-alias"},
    {"sal", "set-alias"},
    {"nal", "new-alias"},
    {"echo", "write-output"},
    {"write", "write-output"},
    {"icm", "invoke-command"},
    {"saps", "start-process"},
    {"start", "start-process"},
    {"ipmo", "import-module"},
    {"iwr", "invoke-webrequest"},
    {"curl", "invoke-webrequest"},
    {"wget", "invoke-webrequest"},
    {"irm", "invoke-restmethod"},
    {"ii", "invoke-item"},
    {"select", "select-object"},
    {"sort", "sort-object"},
    {"measure", "measure-object"},
    {"group", "group-object"},
    {"gm", "get-member"},
    {"member", "get-member"},
    {"sls", "select-string"},
    {"cd", "set-location"},
    {"sl", "set-location"},
    {"pwd", "get-location"},
    {"gl", "get-location"},
    {"copy", "copy-item"},
    {"cp", "copy-item"},
    {"cpi", "copy-item"},
    {"move", "move-item"},
    {"mv", "move-item"},
    {"del", "remove-item"},
    {"rm", "remove-item"},
    {"ri", "remove-item"},
    {"gp", "get-itemproperty"},
    {"sp", "set-itemproperty"},
    {"ps", "get-process"},
    {"gps", "get-process"},
    {"kill", "stop-process"},
    {"spps", "stop-process"},
    {"sleep", "start-sleep"},
    {"gwmi", "get-wmiobject"},
    {"tee", "tee-object"},
    {"random", "get-random"},
    {"date", "get-date"},
    {"sajb", "start-job"},
    {"gsv", "get-service"},
    {"oh", "out-host"},
    {"ac", "add-content"},
};

/* Cmdlets that disguises look up by wildcard, and common ones that would make a pattern ambiguous. */
static const char *const cmdlets[] = {
    "Add-Content",
    "Add-Member",
    "Add-Type",
    "Clear-Content",
    "Clear-Item",
    "Clear-Variable",
    "Compare-Object",
    "ConvertFrom-Json",
    "ConvertFrom-SecureString",
    "ConvertTo-Json",
    "ConvertTo-SecureString",
    "Copy-Item",
    "Export-Csv",
    "ForEach-Object",
    "Format-List",
    "Format-Table",
    "Get-Alias",
    "Get-ChildItem",
    "Get-Command",
    "Get-Content",
    "Get-Credential",
    "Get-Date",
    "Get-Item",
    "Get-ItemProperty",
    "Get-Location",
    "Get-Member",
    "Get-Process",
    "Get-Random",
    "Get-Service",
    "Get-Variable",
    "Get-WmiObject",
    "Group-Object",
    "Import-Module",
    "Invoke-Command",
    "Invoke-Expression",
    "Invoke-Item",
    "Invoke-RestMethod",
    "Invoke-WebRequest",
    "Invoke-WmiMethod",
    "Join-Path",
    "Measure-Object",
    "Move-Item",
    "New-Alias",
    "New-Item",
    "New-ItemProperty",
    "New-Object",
    "New-Service",
    "New-Variable",
    "Out-File",
    "Out-Host",
    "Out-Null",
    "Out-String",
    "Read-Host",
    "Remove-Item",
    "Remove-Variable",
    "Resolve-Path",
    "Select-Object",
    "Select-String",
    "Set-Alias",
    "Set-Content",
    "Set-ExecutionPolicy",
    "Set-Item",
    "Set-ItemProperty",
    "Set-Location",
    "Set-Variable",
    "Sort-Object",
    "Split-Path",
    "Start-BitsTransfer",
    "Start-Job",
    "Start-Process",
    "Start-Service",
    "Start-Sleep",
    "Stop-Process",
    "Test-Connection",
    "Test-Path",
    "Where-Object",
    "Write-Error",
    "Write-Host",
    "Write-Output",
    "Write-Verbose",
    "Write-Warning",
};

/* What a 64-bit Windows 7 to 11 with its system on C: has. The spelling counts: letters are picked out of it.
 */
static const Pair soft[] = {
    {"env:comspec", "C:\\WINDOWS\\system32\\cmd.exe"},
    {"env:public", "C:\\Users\\Public"},
    {"env:windir", "C:\\WINDOWS"},
    {"env:systemroot", "C:\\WINDOWS"},
    {"env:systemdrive", "C:"},
    {"env:programfiles", "C:\\Program Files"},
    {"env:programdata", "C:\\ProgramData"},
    {"env:allusersprofile", "C:\\ProgramData"},
    {"env:commonprogramfiles", "C:\\Program Files\\Common Files"},
    {"env:os", "Windows_NT"},
    {"env:pathext", ".COM;.EXE;.BAT;.CMD;.VBS;.VBE;.JS;.JSE;.WSF;.WSH;.MSC"},
    {"pshome", "C:\\Windows\\System32\\WindowsPowerShell\\v1.0"},
    {"shellid", "Microsoft.PowerShell"},
    {"verbosepreference", "SilentlyContinue"},
    {"debugpreference", "SilentlyContinue"},
    {"informationpreference", "SilentlyContinue"},
    {"warningpreference", "Continue"},
    {"erroractionpreference", "Continue"},
    {"progresspreference", "Continue"},
    {"confirmpreference", "High"},
    {"errorview", "NormalView"},
    {"outputencoding", "System.Text.ASCIIEncoding"},
};

static const char *const automatic[] = {
    "ConsoleFileName",
    "DebugPreference",
    "ErrorActionPreference",
    "ErrorView",
    "ExecutionContext",
    "FormatEnumerationLimit",
    "InformationPreference",
    "MaximumAliasCount",
    "MaximumDriveCount",
    "MaximumErrorCount",
    "MaximumFunctionCount",
    "MaximumHistoryCount",
    "MaximumVariableCount",
    "MyInvocation",
    "NestedPromptLevel",
    "OutputEncoding",
    "ProgressPreference",
    "PSBoundParameters",
    "PSCommandPath",
    "PSCulture",
    "PSDefaultParameterValues",
    "PSEmailServer",
    "PSHOME",
    "PSScriptRoot",
    "PSSessionApplicationName",
    "PSSessionConfigurationName",
    "PSSessionOption",
    "PSUICulture",
    "PSVersionTable",
    "ShellId",
    "StackTrace",
    "VerbosePreference",
    "WarningPreference",
    "WhatIfPreference",
};

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* Whether the name is worth comparing: nearly all of them begin with another letter. */
static bool begins_like(SekStr name, const char *other) {
    return name.len > 0 && sek_ascii_lower(name.ptr[0]) == sek_ascii_lower(other[0]);
}

/* No alias has a dash, and nearly all commands have. */
SekStr sek_ps_alias(SekStr command) {
    bool dash = command.len > 0 && memchr(command.ptr, '-', command.len) != NULL;
    for (size_t i = 0; i < COUNT(aliases) && !dash; i++)
        if (begins_like(command, aliases[i].name) && sek_str_eq_nocase(command, sek_str(aliases[i].name)))
            return sek_str(aliases[i].value);
    return command;
}

bool sek_ps_soft_variable(SekStr name, SekStr *out) {
    for (size_t i = 0; i < COUNT(soft); i++)
        if (begins_like(name, soft[i].name) && sek_str_eq_nocase(name, sek_str(soft[i].name))) {
            *out = sek_str(soft[i].value);
            return true;
        }
    return false;
}

bool sek_ps_is_cmdlet(SekStr name) {
    for (size_t i = 0; i < COUNT(cmdlets); i++)
        if (begins_like(name, cmdlets[i]) && sek_str_eq_nocase(name, sek_str(cmdlets[i])))
            return true;
    return false;
}

static SekStr only_match(const char *const *names, size_t n, SekPsText pattern) {
    SekStr found = {NULL, 0};
    for (size_t i = 0; i < n; i++) {
        uint16_t units[64];
        SekPsText name = {units, 0};
        for (const char *c = names[i]; *c; c++)
            units[name.n++] = (unsigned char)*c;
        if (!sek_pt_like(name, pattern, true))
            continue;
        if (found.len > 0)
            return sek_str_n(NULL, 0);
        found = sek_str(names[i]);
    }
    return found;
}

SekStr sek_ps_find_command(SekPsText pattern) {
    static const char *const others[] = {"powershell.exe", "cmd.exe"};
    SekStr found = only_match(cmdlets, COUNT(cmdlets), pattern);
    if (found.len > 0)
        return found;
    for (size_t i = 0; i < COUNT(aliases); i++) {
        const char *const one[] = {aliases[i].name};
        if (only_match(one, 1, pattern).len > 0 && strcmp(aliases[i].name, "iex") == 0)
            return sek_str("Invoke-Expression");
    }
    return only_match(others, COUNT(others), pattern);
}

SekStr sek_ps_find_automatic(SekPsText pattern) {
    return only_match(automatic, COUNT(automatic), pattern);
}
