/* The configuration: one YAML file, read by libyaml into these plain structs
 * through one table (settings_table.c) that knows each key's name, type, range, default
 * and help. An unknown key, a wrong type or an impossible value is refused with the
 * key, the line and what would be right. For `influxdb` and `stats` the environment wins
 * over the file (names in docs/configuration.md); two variables that disagree are refused
 * with both names. A span of time (15m, 24h) is read into whole seconds. Secrets are never in this
 * struct: it holds the files' names, and settings_secret reads them when they are needed. No text
 * of it is NULL. */
#ifndef BASE_SETTINGS_H
#define BASE_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

enum settings_version {
    SETTINGS_INFLUX_AUTO,
    SETTINGS_INFLUX_1,
    SETTINGS_INFLUX_2,
    SETTINGS_INFLUX_3
};
enum settings_durability { SETTINGS_DURABILITY_PROCESS, SETTINGS_DURABILITY_POWER };
enum settings_when_full { SETTINGS_HOLD, SETTINGS_DROP_OLDEST, SETTINGS_DROP_NEWEST };

/* What becomes of a message that did not arrive live: retained (the broker's
 * memory) or late (it waited at the broker while the writer was away). */
enum settings_rule {
    SETTINGS_RULE_DEFAULT,    /* the decoder's own */
    SETTINGS_RULE_OWN_TIME,   /* stored when it brings a time of its own */
    SETTINGS_RULE_STORE,      /* stored, at the arrival time if need be */
    SETTINGS_RULE_IGNORE,     /* counted and left out */
    SETTINGS_RULE_IF_CHANGED, /* stored, at the arrival time if need be, when it differs from what
                                 was stored last */
};

/* Which values of a source are stored. */
enum settings_repeat {
    SETTINGS_REPEAT_STORE,     /* each */
    SETTINGS_REPEAT_ON_CHANGE, /* those that differ from what was stored last */
};

struct settings_broker {
    char *url; /* mqtt://host:port or mqtts://host:port */
    char *username;
    char *password_file;
    char *ca_file, *cert_file, *key_file; /* all empty: the system's CAs, no client certificate */
};

/* Another database, bucket or retention policy of the same server, for some measurements or
 * sources. While it cannot take its lines they wait in a file of their own (writer/parking.h). */
struct settings_destination {
    char *name; /* letters, digits, _ and -, 1 to 63; no two have the same */
    char *database;
    char *retention_policy; /* 1.x; "" for the database's default */
    char *retention;        /* of what is made, as in settings_influxdb */
    char **measurements;
    unsigned measurements_count;
    uint64_t max_bytes;                /* of the lines that wait */
    enum settings_when_full when_full; /* HOLD: everybody waits */
};

#define SETTINGS_DESTINATIONS_MAX 16

struct settings_influxdb {
    char *url;
    enum settings_version version;
    char *database;         /* the bucket of 2.x */
    char *retention_policy; /* 1.x; "" for the database's default */
    char *retention;        /* for a database that is made: "0" for ever, or like "365d" */
    char *org;
    char *token_file;
    char *username;
    char *password_file;
    char *ca_file, *cert_file, *key_file;
    bool enabled;
    bool gzip;
    uint32_t timeout_ms;
    struct settings_destination *destinations;
    unsigned destinations_count;
};

struct settings_tag {
    char *key;
    char *value;
};

/* How the time that a message brings is written. */
enum settings_time_format {
    SETTINGS_TIME_AUTO,      /* RFC 3339 text, or an epoch number whose magnitude tells the unit */
    SETTINGS_TIME_RFC3339,   /* with a zone */
    SETTINGS_TIME_ISO_LOCAL, /* without one: in the source's time zone */
    SETTINGS_TIME_EPOCH_S,
    SETTINGS_TIME_EPOCH_MS,
    SETTINGS_TIME_EPOCH_US,
    SETTINGS_TIME_EPOCH_NS,
};

/* What becomes of a value whose type is not that of its field (writer/shape/types.h). */
enum settings_type_conflict {
    SETTINGS_CONFLICT_CAST,
    SETTINGS_CONFLICT_CAST_BOOLEAN,
    SETTINGS_CONFLICT_SUFFIX,
    SETTINGS_CONFLICT_REJECT,
};

/* What becomes of a point whose own time is too far from its arrival (writer/shape/times.h). */
enum settings_time_beyond { SETTINGS_TIME_ARRIVAL, SETTINGS_TIME_REJECT };

/* How points of Home Assistant's states look. */
enum settings_layout {
    SETTINGS_LAYOUT_HEARTHLINE,
    SETTINGS_LAYOUT_HOMEASSISTANT, /* as Home Assistant's own integration influxdb writes them */
};

/* What the layout homeassistant takes the measurement from. */
enum settings_measurement_attr {
    SETTINGS_MEASUREMENT_UNIT,
    SETTINGS_MEASUREMENT_CLASS, /* domain__device_class */
    SETTINGS_MEASUREMENT_ENTITY,
};

/* The entities that a source includes, or those that it excludes. */
struct settings_entities {
    char **domains;
    unsigned domains_count;
    char **entities;
    unsigned entities_count;
    char **globs;
    unsigned globs_count;
};

struct settings_source {
    char *decoder;     /* a name of writer/decoders */
    char *filter;      /* MQTT filter; +name captures a level as a tag */
    char *name;        /* in rollups and logs; the decoder's name by default */
    char *measurement; /* instead of the decoder's own; "" for that */
    char *destination; /* its points' whatever their measurement; "" for that of the measurement */
    enum settings_rule retained;
    enum settings_rule late;
    enum settings_repeat repeat;
    uint32_t heartbeat_s;    /* an unchanged value is stored again after so long; 0: never */
    uint32_t min_interval_s; /* of one series at most one point in so long; 0: each */
    uint32_t max_series;     /* points of further ones are refused; 0: without a bound */
    struct settings_tag *tags;
    unsigned tags_count;
    struct settings_tag *field_types; /* name and type, for fields that are not known yet */
    unsigned field_types_count;
    enum settings_type_conflict type_conflict;
    char *timezone; /* of times without a zone, "Europe/Berlin"; "": there is none */
    uint32_t time_future_s, time_past_s; /* how far from the arrival; 0: without a bound */
    enum settings_time_beyond time_beyond;
    struct settings_tag *convert; /* field and conversion (writer/decoders/units.h) */
    unsigned convert_count;
    /* Of the decoder json; paths as base/value_path.h has them. */
    struct settings_tag *fields; /* name and path; none: all is flattened */
    unsigned fields_count;
    struct settings_tag *tag_paths; /* name and path */
    unsigned tag_paths_count;
    char *time_path; /* "" for the arrival */
    enum settings_time_format time_format;
    char *elements; /* the array whose elements are points; "": the message is one */
    bool numbers_in_text;
    bool own_sensors; /* of Home Assistant's decoders: store what it has of Hearthline itself too */
    enum settings_layout layout;
    /* Of the layout homeassistant. */
    enum settings_measurement_attr measurement_attr;
    char *default_measurement;                  /* "": the entity's id */
    char *override_measurement;                 /* "": none */
    struct settings_tag *override_measurements; /* entity, pattern or domain, and measurement */
    unsigned override_measurements_count;
    char **tags_attributes;
    unsigned tags_attributes_count;
    char **ignore_attributes;
    unsigned ignore_attributes_count;
    struct settings_tag *ignore_attributes_of; /* entity, pattern or domain, and an attribute */
    unsigned ignore_attributes_of_count;
    struct settings_entities include, exclude;
};

/* settings_source_text appends all keys of a source with their values, one a line, in the order of
 * the table: the same for two sources exactly when they say the same. */
void settings_source_text(const struct settings_source *source, struct buf *out);

struct settings_journal {
    char *path;
    uint64_t max_bytes;
    uint64_t max_age_s; /* of delivered history kept for replay; 0: as bytes allow */
    enum settings_durability durability;
    enum settings_when_full when_full;
};

struct settings_writer {
    char *client_id;
    char *metrics_address;          /* "" for none */
    struct settings_broker *broker; /* NULL: the common one */
    struct settings_journal journal;
    uint32_t batch_lines;
    uint32_t batch_bytes;
    uint32_t linger_ms;
    char *rejects_path; /* "" for rejected.jsonl beside the journal */
    uint64_t rejects_max_bytes;
    uint32_t max_series;          /* of each of our own topics' sources; 0: without a bound */
    struct settings_tag *aliases; /* entity as it is stored, and what it is called now */
    unsigned aliases_count;
    struct settings_tag *areas; /* entity as it is stored, and its area */
    unsigned areas_count;
    struct settings_source *sources;
    unsigned sources_count;
};

/* Where statistics are taken from; what a running service may be told anew. */
struct settings_stats {
    bool use_influxdb;        /* false: always from the live services */
    uint32_t rollout_percent; /* share of the askers that InfluxDB answers, 0 to 100 */
};

enum settings_aggregate {
    SETTINGS_AGGREGATE_MEAN,
    SETTINGS_AGGREGATE_MIN,
    SETTINGS_AGGREGATE_MAX,
    SETTINGS_AGGREGATE_FIRST,
    SETTINGS_AGGREGATE_LAST,
    SETTINGS_AGGREGATE_SUM,
    SETTINGS_AGGREGATE_COUNT,
    SETTINGS_AGGREGATE_INCREASE,
};
enum settings_comparison {
    SETTINGS_ABOVE,    /* > */
    SETTINGS_AT_LEAST, /* >= */
    SETTINGS_BELOW,    /* < */
    SETTINGS_AT_MOST,  /* <= */
};
enum settings_level {
    SETTINGS_LEVEL_INFO,
    SETTINGS_LEVEL_WARNING,
    SETTINGS_LEVEL_ERROR,
    SETTINGS_LEVEL_CRITICAL,
};

/* A person's own alert: the aggregate of `field` over the last window_s, for each value of the
 * tag `subject`, held against the threshold. */
struct settings_alert_rule {
    char *name; /* letters, digits, _ and -, 1 to 63; no two rules have the same */
    char *measurement;
    char *field;
    struct settings_tag *tags; /* only rows that have all of these */
    unsigned tags_count;
    char *subject; /* the tag whose values are the subjects; "": one alert over all rows */
    enum settings_aggregate aggregate;
    uint32_t window_s;
    enum settings_comparison comparison;
    double threshold;
    double clear;   /* where it ends again: the threshold, or a value on its quiet side */
    uint32_t for_s; /* how long it must hold before it fires */
    enum settings_level level;
    char *message; /* "" for words made from the rule */
};

struct settings_query_alerts {
    uint32_t period_s;         /* over which rates and means of the services are taken */
    uint32_t journal_oldest_s; /* age of the oldest undelivered message that alarms */
    uint32_t offline_after_s;  /* silence after which a service counts as offline */
    bool silent_devices;       /* whether a device that is silent longer than usual alarms */
    struct settings_alert_rule *rules;
    unsigned rules_count;
};

/* A question that is asked by the clock and answered retained. */
struct settings_standing {
    char *endpoint;
    char *request; /* a JSON object */
    uint32_t every_s;
    char *topic; /* below the topic root, without it; no two questions have the same */
};

struct settings_query {
    char *client_id;
    char *metrics_address; /* "" for none */
    struct settings_broker *broker;
    uint32_t cache_ttl_s;
    uint64_t cache_bytes;  /* bound of all answers that are kept */
    uint32_t requests_max; /* answered at once; beyond it `busy` */
    struct settings_query_alerts alerts;
    struct settings_standing *standing;
    unsigned standing_count;
};

struct settings {
    char *topic_root;
    char *log_level;
    struct settings_broker broker;
    struct settings_influxdb influxdb;
    struct settings_tag *tags; /* put on every point */
    unsigned tags_count;
    struct settings_stats stats;
    struct settings_writer writer;
    struct settings_query query;
};

/* settings_read loads `path` and lays the environment over it. ERR_NOT_FOUND: no
 * such file. ERR_IO: it cannot be read. ERR_INVALID: `why` names key, line and what would be right.
 * Relative paths inside are taken from the folder of the file, and come back absolute. */
enum err settings_read(const char *path, struct settings **ret_settings,
                       struct err_reason *why) ERR_MUST_CHECK;
void settings_free(struct settings *settings); /* NULL accepted */

/* settings_writer_broker and settings_query_broker give the broker that a service uses. */
const struct settings_broker *settings_writer_broker(const struct settings *settings);
const struct settings_broker *settings_query_broker(const struct settings *settings);

/* settings_at_destination gives settings whose `influxdb` is this destination; it borrows all
 * texts.
 */
struct settings settings_at_destination(const struct settings *settings,
                                        const struct settings_destination *destination);

/* settings_effective appends every key with its value and where it is from
 * (default, file:line, environment variable), one a line; secrets' files by name. Only
 * for settings that settings_read gave. */
void settings_effective(const struct settings *settings, struct buf *out);

/* settings_say_where puts `file:line: ` before words that begin with a key, such as
 * "writer.sources[0].convert.t: ...", where the file has it; other words stay as they are. Only for
 * settings that settings_read gave. `why` may be NULL. */
void settings_say_where(const struct settings *settings, struct err_reason *why);

/* settings_changed appends the keys whose values in `fresh` are not those of `running`, separated
 * by blanks, but for keys that begin with one of `except` (ended by NULL), in which `*` stands for
 * an entry's number. Both from settings_read. */
void settings_changed(const struct settings *running, const struct settings *fresh,
                      const char *const *except, struct buf *ret_keys);

/* settings_help appends all keys with types, defaults and meanings as Markdown: the
 * whole of docs/configuration.md. */
void settings_help(struct buf *out);

/* settings_secret reads a secret's file: its first line, without the line end, at
 * most 4096 bytes (else ERR_TOO_LARGE). ERR_NOT_FOUND: no such file. An empty `path` gives "". For
 * `influxdb` the token may come from the environment instead: see settings_influx_token. The caller
 * wipes ret_secret. */
enum err settings_secret(const char *path, char ret_secret[4097],
                         struct err_reason *why) ERR_MUST_CHECK;

/* settings_influx_token gives the token from the environment or token_file, "" when
 * neither is set. */
enum err settings_influx_token(const struct settings *settings, char ret_secret[4097],
                               struct err_reason *why) ERR_MUST_CHECK;

#endif
