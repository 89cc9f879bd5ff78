/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Internet addresses as text: of rules (`cidr`) and of event values, read the same way. */

#include "base/status.h"
#include "base/str.h"

typedef struct SekAddress {
    uint8_t bytes[16]; /* network order; an IPv4 address in the first 4, the rest 0 */
    bool v6;
} SekAddress;

/* Reads dotted IPv4 (four decimal numbers without leading zeros) or IPv6 (RFC 4291, section 2.2,
 * also with a dotted tail). Nothing may stand around it: a zone id (`%eth0`) is for the caller to
 * cut off. False, with `*out` alone, for anything else. */
bool sek_address_parse(SekStr text, SekAddress *out);

/* True when the first `bits` bits are the same and both are of one family. */
bool sek_address_in(const SekAddress *address, const SekAddress *net, unsigned bits);

/* For ::ffff:a.b.c.d (RFC 4291, section 2.5.5.2): true, and the IPv4 address. */
bool sek_address_mapped(const SekAddress *address, SekAddress *out_v4);
