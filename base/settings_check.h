/* What the values of single keys must be: NULL when `text` is right, else the words for what
 * would be. Used by the tables of keys alone. */
#ifndef BASE_SETTINGS_CHECK_H
#define BASE_SETTINGS_CHECK_H

const char *settings_check_broker_url(const char *text);
const char *settings_check_influxdb_url(const char *text);
const char *settings_check_address(const char *text);
const char *settings_check_topic_root(const char *text);
const char *settings_check_name(const char *text);
const char *settings_check_not_empty(const char *text);
const char *settings_check_retention(const char *text);
const char *settings_check_timezone(const char *text);
const char *settings_check_tag(const char *text);
const char *settings_check_rule_name(const char *text);
const char *settings_check_destination_name(const char *text);
const char *settings_check_routed(const char *text);
const char *settings_check_endpoint(const char *text);
const char *settings_check_request(const char *text);
const char *settings_check_standing_topic(const char *text);

#endif
