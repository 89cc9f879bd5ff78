/* SPDX-License-Identifier: Apache-2.0 */
#include "event/taxonomy.h"

int sek_service_find(SekStr name) {
    for (unsigned i = 0; i < sek_n_services; i++)
        if (sek_str_eq_nocase(name, sek_str(sek_services[i].name)))
            return (int)i;
    return -1;
}

bool sek_category_known(SekStr name) {
    for (unsigned i = 0; i < sek_n_category_ways; i++)
        if (sek_str_eq_nocase(name, sek_str(sek_category_ways[i].category)))
            return true;
    return false;
}

static bool in_list(const char *const *names, SekStr text) {
    for (; *names; names++) {
        SekStr name = sek_str(*names);
        if (name.len && name.ptr[name.len - 1] == '*') {
            name.len--;
            if (text.len >= name.len && sek_str_eq_nocase(name, sek_str_n(text.ptr, name.len)))
                return true;
        } else if (sek_str_eq_nocase(name, text)) {
            return true;
        }
    }
    return false;
}

bool sek_service_has(const SekService *service, SekStr channel, SekStr provider, bool channel_known) {
    if (in_list(service->channels, channel))
        return true;
    return !channel_known && provider.len && in_list(service->providers, provider);
}

bool sek_channel_known(SekStr channel) {
    for (unsigned i = 0; i < sek_n_services; i++)
        if (in_list(sek_services[i].channels, channel))
            return true;
    return false;
}
