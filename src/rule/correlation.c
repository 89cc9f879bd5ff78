/* SPDX-License-Identifier: Apache-2.0 */
#include "rule/correlation.h"

const char *sek_correlation_type_name(SekCorrelationType type) {
    static const char *const names[] = {
        [SEK_CORR_EVENT_COUNT] = "event_count",
        [SEK_CORR_VALUE_COUNT] = "value_count",
        [SEK_CORR_TEMPORAL] = "temporal",
        [SEK_CORR_TEMPORAL_ORDERED] = "temporal_ordered",
        [SEK_CORR_VALUE_SUM] = "value_sum",
        [SEK_CORR_VALUE_AVG] = "value_avg",
        [SEK_CORR_VALUE_PERCENTILE] = "value_percentile",
        [SEK_CORR_VALUE_MEDIAN] = "value_median",
    };
    return names[type];
}
