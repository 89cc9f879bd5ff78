/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "cli/options.h"

extern const SekCommand sek_cmd_scan;
extern const SekCommand sek_cmd_decode;
extern const SekCommand sek_cmd_dump;
extern const SekCommand sek_cmd_rules;
