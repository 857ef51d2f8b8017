#include "base/settings_table.h"
#include "base/settings_check.h"

static const char *const log_levels[] = {"error", "warning", "info", "debug", NULL};
static const char *const versions[] = {"auto", "1", "2", "3", NULL};
static const char *const durabilities[] = {"process", "power", NULL};
static const char *const when_fulls[] = {"hold", "drop_oldest", NULL};
static const char *const rules[] = {"default", "own_time", "store", "ignore", "if_changed", NULL};
static const char *const repeats[] = {"store", "on_change", NULL};
static const char *const time_formats[] = {"auto",     "rfc3339",  "iso_local", "epoch_s",
                                           "epoch_ms", "epoch_us", "epoch_ns",  NULL};
static const char *const time_beyonds[] = {"arrival", "reject", NULL};
static const char *const field_types[] = {"float", "integer", "boolean", "text", NULL};
static const char *const layouts[] = {"hearthline", "homeassistant", NULL};
static const char *const measurement_attrs[] = {"unit_of_measurement", "domain__device_class",
                                                "entity_id", NULL};
static const char *const type_conflicts[] = {"cast", "cast_boolean", "suffix", "reject", NULL};

/* A table reads best with a row's parts where they are in the row before. */
/* clang-format off */
#define TLS_ROWS(type) \
    {.name = "ca_file", .kind = SETTINGS_PATH, MEMBER(type, ca_file), .preset = "", \
     .help = "Certificates of the authorities to trust; the system's own when empty."}, \
    {.name = "cert_file", .kind = SETTINGS_PATH, MEMBER(type, cert_file), .preset = "", \
     .help = "Client certificate, together with `key_file`."}, \
    {.name = "key_file", .kind = SETTINGS_PATH, MEMBER(type, key_file), .preset = "", \
     .help = "Key of the client certificate."}

static const struct settings_row broker_rows[] = {
    {.name = "url", .kind = SETTINGS_TEXT, MEMBER(settings_broker, url),
     .preset = "mqtt://127.0.0.1:1883", .check = settings_check_broker_url,
     .help = "Where the broker listens; `mqtts://` for TLS. Ports left out are 1883 and 8883."},
    {.name = "username", .kind = SETTINGS_TEXT, MEMBER(settings_broker, username), .preset = "",
     .help = "User at the broker; empty to come without a name."},
    {.name = "password_file", .kind = SETTINGS_PATH, MEMBER(settings_broker, password_file),
     .preset = "",
     .help = "File whose first line is the password; read at each connect."},
    TLS_ROWS(settings_broker),
};

static const struct settings_row influxdb_rows[] = {
    {.name = "url", .kind = SETTINGS_TEXT, MEMBER(settings_influxdb, url),
     .preset = "http://127.0.0.1:8086", .check = settings_check_influxdb_url,
     .environment = {"INFLUXDB_URL", "INFLUX_URL", "INFLUXDB3_HOST"},
     .help = "Where InfluxDB listens."},
    {.name = "version", .kind = SETTINGS_WORD, MEMBER(settings_influxdb, version), .preset = "auto",
     .words = versions,
     .help = "Its major version; `auto` asks the server."},
    {.name = "database", .kind = SETTINGS_TEXT, MEMBER(settings_influxdb, database),
     .preset = "home_assistant_events", .check = settings_check_name,
     .environment = {"INFLUXDB_BUCKET", "INFLUX_DB", "INFLUXDB3_DATABASE"},
     .help = "Database of 1.x and 3.x, bucket of 2.x."},
    {.name = "retention_policy", .kind = SETTINGS_TEXT, MEMBER(settings_influxdb, retention_policy),
     .preset = "",
     .help = "Retention policy of 1.x that is written to and read; the database's default one when "
             "empty. 2.x and 3.x have none: named there it is a fault."},
    {.name = "retention", .kind = SETTINGS_TEXT, MEMBER(settings_influxdb, retention),
     .preset = "0", .check = settings_check_retention,
     .help = "How long a database that Hearthline makes keeps its points: `0` for ever, or like "
             "`365d`."},
    {.name = "org", .kind = SETTINGS_TEXT, MEMBER(settings_influxdb, org), .preset = "",
     .environment = {"INFLUXDB_ORG"},
     .help = "Organisation of 2.x."},
    {.name = "token_file", .kind = SETTINGS_TOKEN, MEMBER(settings_influxdb, token_file),
     .preset = "",
     .environment = {"INFLUXDB_TOKEN", "INFLUX_TOKEN", "INFLUXDB3_TOKEN",
                     "GRAYLOGIC_INFLUXDB_TOKEN"},
     .help = "File whose first line is the token. The variables hold the token itself."},
    {.name = "username", .kind = SETTINGS_TEXT, MEMBER(settings_influxdb, username), .preset = "",
     .help = "User of 1.x, instead of a token."},
    {.name = "password_file", .kind = SETTINGS_PATH, MEMBER(settings_influxdb, password_file),
     .preset = "",
     .help = "File whose first line is that user's password."},
    TLS_ROWS(settings_influxdb),
    {.name = "enabled", .kind = SETTINGS_FLAG, MEMBER(settings_influxdb, enabled), .preset = "true",
     .help = "`false`: what arrives is kept in the journal only, and every status says so."},
    {.name = "gzip", .kind = SETTINGS_FLAG, MEMBER(settings_influxdb, gzip), .preset = "false",
     .help = "Compress what is written: for a server behind a thin line."},
    {.name = "timeout_ms", .kind = SETTINGS_NUMBER, MEMBER(settings_influxdb, timeout_ms),
     .preset = "10000", .min = 100, .max = 600000,
     .help = "Longest wait for one answer, in ms."},
    {.name = "destinations", .kind = SETTINGS_LIST, MEMBER(settings_influxdb, destinations),
     .preset = "", .section = &settings_destination_section,
     .help = "Further databases, buckets or retention policies."},
};
static const struct settings_section influxdb_section = SECTION(
    influxdb_rows, "The one store. The environment wins over the file; variables of one key that "
                   "disagree end the start.");

static const struct settings_row journal_rows[] = {
    {.name = "path", .kind = SETTINGS_PATH, MEMBER(settings_journal, path), .preset = "var/journal",
     .check = settings_check_not_empty,
     .help = "Folder of the journal; made when missing."},
    {.name = "max_bytes", .kind = SETTINGS_BYTES, MEMBER(settings_journal, max_bytes),
     .preset = "1 GiB", .min = UINT64_C(16) << 20, .max = UINT64_C(1) << 50,
     .help = "Bound of what waits for InfluxDB; below it, what was delivered is kept for replay."},
    {.name = "max_age_s", .kind = SETTINGS_NUMBER, MEMBER(settings_journal, max_age_s),
     .preset = "0", .max = UINT32_MAX,
     .help = "Age at which delivered history is given up, in seconds; 0: as the bound allows."},
    {.name = "durability", .kind = SETTINGS_WORD, MEMBER(settings_journal, durability),
     .preset = "process", .words = durabilities,
     .help = "`process`: an acknowledged message survives the death of the process; `power`: loss "
             "of power too."},
    {.name = "when_full", .kind = SETTINGS_WORD, MEMBER(settings_journal, when_full),
     .preset = "hold", .words = when_fulls,
     .help = "`hold`: leave further messages at the broker; `drop_oldest`: give up the oldest, "
             "and count them."},
};
static const struct settings_section journal_section =
    SECTION(journal_rows, "Where every accepted message is kept until InfluxDB has it.");

/* The batch has no struct of its own: its offsets are those of the writer. */
static const struct settings_row batch_rows[] = {
    {.name = "lines", .kind = SETTINGS_NUMBER, MEMBER(settings_writer, batch_lines),
     .preset = "5000", .min = 1, .max = 50000,
     .help = "Most lines of one write."},
    {.name = "bytes", .kind = SETTINGS_BYTES, MEMBER(settings_writer, batch_bytes),
     .preset = "8000000", .min = 65536, .max = 8000000,
     .help = "Most bytes of one write, before compression."},
    {.name = "linger_ms", .kind = SETTINGS_NUMBER, MEMBER(settings_writer, linger_ms),
     .preset = "250", .max = 60000,
     .help = "How long from its arrival a line may wait for company, in ms; the rest of a burst "
             "does not."},
};
static const struct settings_section batch_section =
    SECTION(batch_rows, "When a write to InfluxDB goes out.");

static const struct settings_row field_type_row = {
    .name = "type", .kind = SETTINGS_TEXT, MEMBER(settings_tag, value), .words = field_types,
    .help = "The type of a field."};
static const struct settings_row conversion_row = {
    .name = "conversion", .kind = SETTINGS_TEXT, MEMBER(settings_tag, value),
    .check = settings_check_not_empty,
    .help = "The conversion of a field."};
static const struct settings_row field_path_row = {
    .name = "field", .kind = SETTINGS_PLACE, MEMBER(settings_tag, value),
    .help = "Where a field's value stands."};
static const struct settings_row tag_path_row = {
    .name = "tag", .kind = SETTINGS_PLACE, MEMBER(settings_tag, value),
    .help = "Where a tag's value stands."};

static const struct settings_row override_measurement_row = {
    .name = "measurement", .kind = SETTINGS_TEXT, MEMBER(settings_tag, value),
    .check = settings_check_not_empty,
    .help = "A measurement."};
static const struct settings_row text_row_of_entity = {
    .name = "attribute", .kind = SETTINGS_TEXT, MEMBER(settings_tag, value),
    .check = settings_check_not_empty,
    .help = "An attribute."};
static const struct settings_row text_row = {
    .name = "text", .kind = SETTINGS_TEXT, .check = settings_check_not_empty,
    .help = "One of several texts."};
#define ENTITY_ROWS(verb, rule) \
    {.name = #verb "_domains", .kind = SETTINGS_TEXTS, MEMBER(settings_source, verb.domains), \
     .preset = "", .values = &text_row, \
     .help = "`layout: homeassistant`: domains whose entities are " rule ", like `[light, sun]`."}, \
    {.name = #verb "_entities", .kind = SETTINGS_TEXTS, MEMBER(settings_source, verb.entities), \
     .preset = "", .values = &text_row, .help = "`layout: homeassistant`: entities that are " rule "."}, \
    {.name = #verb "_entity_globs", .kind = SETTINGS_TEXTS, MEMBER(settings_source, verb.globs), \
     .preset = "", .values = &text_row, \
     .help = "`layout: homeassistant`: patterns of such entities' ids, `*` for any characters and `?` for one."}

static const struct settings_row source_rows[] = {
    {.name = "decoder", .kind = SETTINGS_TEXT, MEMBER(settings_source, decoder),
     .check = settings_check_not_empty,
     .help = "Name of the decoder that reads these messages."},
    {.name = "filter", .kind = SETTINGS_TEXT, MEMBER(settings_source, filter),
     .check = settings_check_not_empty,
     .help = "MQTT topic filter; `+name` captures a level as a tag."},
    {.name = "name", .kind = SETTINGS_TEXT, MEMBER(settings_source, name), .preset = "",
     .help = "Name in rollups and logs; the decoder's when empty."},
    {.name = "measurement", .kind = SETTINGS_TEXT, MEMBER(settings_source, measurement),
     .preset = "",
     .help = "Measurement instead of the decoder's own."},
    {.name = "destination", .kind = SETTINGS_TEXT, MEMBER(settings_source, destination),
     .preset = "",
     .help = "Name of the destination in `influxdb.destinations` for all points of this source."},
    {.name = "retained", .kind = SETTINGS_WORD, MEMBER(settings_source, retained),
     .preset = "default", .words = rules,
     .help = "What the broker remembered: `own_time` stores it when it brings a time of its own, "
             "`store` at the arrival time if need be, `if_changed` does so when it differs from what "
             "was stored last, `ignore` leaves it out, `default` is the decoder's rule."},
    {.name = "late", .kind = SETTINGS_WORD, MEMBER(settings_source, late), .preset = "default",
     .words = rules,
     .help = "The same for what waited at the broker while the writer was away."},
    {.name = "repeat", .kind = SETTINGS_WORD, MEMBER(settings_source, repeat), .preset = "store",
     .words = repeats,
     .help = "`store`: each value; `on_change`: those that differ from what was stored last."},
    {.name = "heartbeat", .kind = SETTINGS_SPAN, MEMBER(settings_source, heartbeat_s),
     .preset = "0s", .min = 0, .max = UINT64_C(30) * 86400,
     .help = "With `on_change`: an unchanged value is stored again when the last stored one is so "
             "old; `0s`: never."},
    {.name = "min_interval", .kind = SETTINGS_SPAN, MEMBER(settings_source, min_interval_s),
     .preset = "0s", .min = 0, .max = 86400,
     .help = "Of one series at most one point in so long: the last, when the time is over; `0s`: "
             "each."},
    {.name = "max_series", .kind = SETTINGS_NUMBER, MEMBER(settings_source, max_series),
     .preset = "100000", .max = 1000000,
     .help = "Most series of this source; points of further ones are rejected. `0`: without a "
             "bound, and not counted."},
    {.name = "tags", .kind = SETTINGS_TAGS, MEMBER(settings_source, tags), .preset = "",
     .help = "Tags of these messages' points."},
    {.name = "field_types", .kind = SETTINGS_TAGS, MEMBER(settings_source, field_types),
     .preset = "", .values = &field_type_row, .max = 512,
     .help = "Types of fields that InfluxDB does not have yet, instead of that of their first value: `float`, "
             "`integer`, `boolean` or `text`, like `{ pulses: integer }`."},
    {.name = "type_conflict", .kind = SETTINGS_WORD, MEMBER(settings_source, type_conflict),
     .preset = "cast", .words = type_conflicts,
     .help = "A value whose type is not that of its field: `cast` stores it as the field's type when nothing "
             "is lost by it, else as text under the field's name with `_str` behind; `cast_boolean` takes 0 "
             "and 1 for false and true besides; `suffix` stores it under that name at once; `reject` leaves "
             "it out."},
    {.name = "timezone", .kind = SETTINGS_TEXT, MEMBER(settings_source, timezone), .preset = "",
     .check = settings_check_timezone,
     .help = "Time zone of times that these messages write without one, like `Europe/Berlin` or `UTC`; "
             "without it such times cannot be used."},
    {.name = "time_future", .kind = SETTINGS_SPAN, MEMBER(settings_source, time_future_s),
     .preset = "1h", .min = 0, .max = UINT64_C(36500) * 86400,
     .help = "How far a message's own time may lie after its arrival; `0s`: as far as it likes, for forecasts."},
    {.name = "time_past", .kind = SETTINGS_SPAN, MEMBER(settings_source, time_past_s),
     .preset = "0s", .min = 0, .max = UINT64_C(36500) * 86400,
     .help = "How far it may lie before the arrival of a live message; `0s`: as far as it likes."},
    {.name = "time_beyond", .kind = SETTINGS_WORD, MEMBER(settings_source, time_beyond),
     .preset = "arrival", .words = time_beyonds,
     .help = "A point whose time lies further: `arrival` stores it at its arrival time, `reject` rejects it."},
    {.name = "convert", .kind = SETTINGS_TAGS, MEMBER(settings_source, convert), .preset = "",
     .values = &conversion_row, .max = 512,
     .help = "Fields that are stored in another unit: name and conversion, like `{ temperature: f_to_c }`; "
             "the conversions are in [data-model.md](data-model.md#units)."},
    {.name = "fields", .kind = SETTINGS_TAGS, MEMBER(settings_source, fields), .preset = "",
     .values = &field_path_row, .max = 512,
     .help = "`json`: each field's name and the path of its value, like "
             "`{ temperature: \"sensors[0].t\", battery: \"bat?\" }`; `?` at the end: it may be "
             "absent. Without it all of the message is flattened into fields."},
    {.name = "tag_paths", .kind = SETTINGS_TAGS, MEMBER(settings_source, tag_paths), .preset = "",
     .values = &tag_path_row,
     .help = "`json`: tags that stand in the message: name and path."},
    {.name = "time_path", .kind = SETTINGS_PLACE, MEMBER(settings_source, time_path), .preset = "",
     .help = "`json`: path of the message's own time; the arrival when empty."},
    {.name = "time_format", .kind = SETTINGS_WORD, MEMBER(settings_source, time_format),
     .preset = "auto", .words = time_formats,
     .help = "How that time is written. `iso_local` has no zone and is read in `timezone`; `auto` "
             "takes RFC 3339, and numbers as seconds, ms, µs or ns by their magnitude."},
    {.name = "elements", .kind = SETTINGS_PLACE, MEMBER(settings_source, elements), .preset = "",
     .help = "`json`: path of an array whose elements are points of their own; the other paths then "
             "begin at an element, or with `$` at the whole message."},
    {.name = "numbers_in_text", .kind = SETTINGS_FLAG, MEMBER(settings_source, numbers_in_text),
     .preset = "false",
     .help = "`json`: whether texts that read as a number (`\"21.5\"`) are numbers."},
    {.name = "own_sensors", .kind = SETTINGS_FLAG, MEMBER(settings_source, own_sensors),
     .preset = "false",
     .help = "Home Assistant's decoders: whether the entities that Home Assistant has of Hearthline itself "
             "(`sensor.hearthline_...`) are stored too."},
    {.name = "layout", .kind = SETTINGS_WORD, MEMBER(settings_source, layout),
     .preset = "hearthline", .words = layouts,
     .help = "`homeassistant`: the points that Home Assistant's own integration `influxdb` would have "
             "written; of the decoders `homeassistant_eventstream` and `homeassistant_statestream`."},
    {.name = "measurement_attr", .kind = SETTINGS_WORD, MEMBER(settings_source, measurement_attr),
     .preset = "unit_of_measurement", .words = measurement_attrs,
     .help = "`layout: homeassistant`: what the measurement is taken from."},
    {.name = "default_measurement", .kind = SETTINGS_TEXT,
     MEMBER(settings_source, default_measurement), .preset = "",
     .help = "`layout: homeassistant`: measurement of entities that have no such attribute; their "
             "whole id when empty."},
    {.name = "override_measurement", .kind = SETTINGS_TEXT,
     MEMBER(settings_source, override_measurement), .preset = "",
     .help = "`layout: homeassistant`: the measurement of all of them."},
    {.name = "override_measurements", .kind = SETTINGS_TAGS,
     MEMBER(settings_source, override_measurements), .preset = "",
     .values = &override_measurement_row, .max = 512,
     .help = "`layout: homeassistant`: the measurement of an entity, of those of a pattern or of a domain, like "
             "`{ sensor.hall: hall, \"binary_sensor.*motion\": motion, climate: hvac }`; the most particular "
             "counts, and it wins over `override_measurement`."},
    {.name = "tags_attributes", .kind = SETTINGS_TEXTS, MEMBER(settings_source, tags_attributes),
     .preset = "", .values = &text_row,
     .help = "`layout: homeassistant`: attributes that become tags, not fields."},
    {.name = "ignore_attributes", .kind = SETTINGS_TEXTS,
     MEMBER(settings_source, ignore_attributes), .preset = "", .values = &text_row,
     .help = "`layout: homeassistant`: attributes that become neither."},
    {.name = "ignore_attributes_of", .kind = SETTINGS_TAGS,
     MEMBER(settings_source, ignore_attributes_of), .preset = "", .values = &text_row_of_entity,
     .max = 512, .lists = true,
     .help = "`layout: homeassistant`: attributes that become neither, of an entity, of those of a pattern or of a "
             "domain, like `{ sensor.hall: [icon, offset], \"binary_sensor.*motion\": count, climate: preset_modes }`; "
             "of the three the most particular counts, and `ignore_attributes` besides."},
    ENTITY_ROWS(include, "stored"),
    ENTITY_ROWS(exclude, "left out"),
};

/* The first key that only the layout homeassistant knows; NULL when none is said. */
static const char *key_of_layout(const struct settings_source *s)
{
    const struct {
        const char *key;
        bool said;
    } keys[] = {
        {"measurement_attr", s->measurement_attr != SETTINGS_MEASUREMENT_UNIT},
        {"default_measurement", *s->default_measurement},
        {"override_measurement", *s->override_measurement},
        {"override_measurements", s->override_measurements_count > 0},
        {"tags_attributes", s->tags_attributes_count > 0},
        {"ignore_attributes", s->ignore_attributes_count > 0},
        {"ignore_attributes_of", s->ignore_attributes_of_count > 0},
        {"include_domains", s->include.domains_count > 0},
        {"include_entities", s->include.entities_count > 0},
        {"include_entity_globs", s->include.globs_count > 0},
        {"exclude_domains", s->exclude.domains_count > 0},
        {"exclude_entities", s->exclude.entities_count > 0},
        {"exclude_entity_globs", s->exclude.globs_count > 0},
    };
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (keys[i].said)
            return keys[i].key;
    return NULL;
}

/* The first key that only the decoder json knows; NULL when none is said. */
static const char *key_of_json(const struct settings_source *s)
{
    const struct {
        const char *key;
        bool said;
    } keys[] = {
        {"fields", s->fields_count > 0},
        {"tag_paths", s->tag_paths_count > 0},
        {"time_path", *s->time_path},
        {"time_format", s->time_format != SETTINGS_TIME_AUTO},
        {"elements", *s->elements},
        {"numbers_in_text", s->numbers_in_text},
    };
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (keys[i].said)
            return keys[i].key;
    return NULL;
}

/* A source without a name of its own goes by its decoder's. */
static const char *complete_source(void *entry, struct buf *ret_wrong)
{
    struct settings_source *source = entry;
    if (source->heartbeat_s > 0 && source->repeat != SETTINGS_REPEAT_ON_CHANGE) {
        buf_string(ret_wrong, "a heartbeat is of values that are left out; say `repeat: on_change`");
        return "heartbeat";
    }
    const char *key = key_of_layout(source);
    if (key && source->layout != SETTINGS_LAYOUT_HOMEASSISTANT) {
        buf_string(ret_wrong, "has no meaning without `layout: homeassistant`");
        return key;
    }
    key = key_of_json(source);
    if (key && strcmp(source->decoder, "json") != 0) {
        buf_printf(ret_wrong, "is of the decoder json, and has no meaning with %.64s",
                   source->decoder);
        return key;
    }
    if (source->layout == SETTINGS_LAYOUT_HOMEASSISTANT && *source->measurement) {
        buf_string(ret_wrong, "the layout homeassistant has `override_measurement` and "
                              "`default_measurement` instead");
        return "measurement";
    }
    if (!*source->name)
        source->name = source->decoder;
    return NULL;
}

const struct settings_section settings_source_section = {
    .rows = source_rows, .count = sizeof source_rows / sizeof *source_rows,
    .size = sizeof(struct settings_source), .complete = complete_source,
    .example = "{ decoder: value, filter: \"sensor/+room/+metric\" }",
    .help = "A list. The first source whose filter matches a topic takes the message, so the "
            "particular stands before the general: `homeassistant/events` before "
            "`homeassistant/#`. Refused at the start, with words, are a decoder that does not "
            "exist and a filter that could never bring a message: below `topic_root`, one "
            "that begins with `$`, or one all of whose topics a source before it takes. Two "
            "sources that both match some topics, like `sensor/+room/t` and "
            "`sensor/hall/+metric`, are a warning of `hearthline check` and in the writer's "
            "log (`event=sources_overlap`), which names the one that gets them."};

static const struct settings_row alias_row = {
    .name = "entity", .kind = SETTINGS_TEXT, MEMBER(settings_tag, value),
    .check = settings_check_not_empty,
    .help = "What an entity is called now."};

static const struct settings_row writer_rows[] = {
    {.name = "client_id", .kind = SETTINGS_TEXT, MEMBER(settings_writer, client_id),
     .preset = "hearthline-writer", .check = settings_check_name,
     .help = "MQTT client id; the broker keeps the session under it."},
    {.name = "metrics_address", .kind = SETTINGS_TEXT, MEMBER(settings_writer, metrics_address),
     .preset = "127.0.0.1:9464", .check = settings_check_address,
     .help = "Where /metrics and /healthz are served; `\"\"` for nowhere."},
    {.name = "broker", .kind = SETTINGS_BROKER, MEMBER(settings_writer, broker), .preset = "",
     .section = &settings_broker_section,
     .help = "What differs from the common `broker`."},
    {.name = "journal", .kind = SETTINGS_SECTION, MEMBER(settings_writer, journal), .preset = "",
     .section = &journal_section,
     .help = "Where every accepted message is kept until InfluxDB has it."},
    {.name = "batch", .kind = SETTINGS_SECTION, .offset = 0, .preset = "",
     .section = &batch_section,
     .help = "When a write to InfluxDB goes out."},
    {.name = "rejects_path", .kind = SETTINGS_PATH, MEMBER(settings_writer, rejects_path),
     .preset = "",
     .help = "File of what could not be stored; `rejected.jsonl` beside the journal when empty."},
    {.name = "rejects_max_bytes", .kind = SETTINGS_BYTES,
     MEMBER(settings_writer, rejects_max_bytes), .preset = "16 MiB", .min = 65536,
     .max = UINT64_C(1) << 40,
     .help = "Bound of that file."},
    {.name = "max_series", .kind = SETTINGS_NUMBER, MEMBER(settings_writer, max_series),
     .preset = "100000", .max = 1000000,
     .help = "What `max_series` of a source is for each kind of Hearthline's own topics."},
    {.name = "areas", .kind = SETTINGS_TAGS, MEMBER(settings_writer, areas), .preset = "",
     .max = 1024,
     .help = "Areas of Home Assistant's entities, like `{ sensor.hall: Hall }`, for the measurement "
             "`entities`: Home Assistant tells none over MQTT. The ids are those that are stored."},
    {.name = "aliases", .kind = SETTINGS_TAGS, MEMBER(settings_writer, aliases), .preset = "",
     .values = &alias_row, .max = 512,
     .help = "Entities of Home Assistant that were renamed and keep their series: the old id and the new one, like "
             "`{ sensor.hall: sensor.entrance }`. What Home Assistant's eventstream says of names needs none."},
    {.name = "sources", .kind = SETTINGS_LIST, MEMBER(settings_writer, sources), .preset = "",
     .section = &settings_source_section,
     .help = "What is stored besides Hearthline's own topics."},
};
static const struct settings_section writer_section =
    SECTION(writer_rows, "The service `hearthline-writer`.");

const struct settings_section settings_broker_section =
    SECTION(broker_rows, "The MQTT 5 broker of both services.");

/* The common broker stands before those that take from it. */
static const struct settings_row root_rows[] = {
    {.name = "topic_root", .kind = SETTINGS_TEXT, MEMBER(settings, topic_root),
     .preset = "hearthline", .check = settings_check_topic_root,
     .help = "All of Hearthline's own topics lie below it."},
    {.name = "log_level", .kind = SETTINGS_TEXT, MEMBER(settings, log_level), .preset = "info",
     .words = log_levels,
     .help = "What is logged to standard error."},
    {.name = "broker", .kind = SETTINGS_SECTION, MEMBER(settings, broker), .preset = "",
     .section = &settings_broker_section,
     .help = "The MQTT 5 broker of both services."},
    {.name = "influxdb", .kind = SETTINGS_SECTION, MEMBER(settings, influxdb), .preset = "",
     .section = &influxdb_section,
     .help = "The one store."},
    {.name = "tags", .kind = SETTINGS_TAGS, MEMBER(settings, tags), .preset = "",
     .help = "Tags of every point, like `{ site: home }`."},
    {.name = "stats", .kind = SETTINGS_SECTION, MEMBER(settings, stats), .preset = "",
     .section = &settings_stats_section,
     .help = "Where statistics are taken from."},
    {.name = "writer", .kind = SETTINGS_SECTION, MEMBER(settings, writer), .preset = "",
     .section = &writer_section,
     .help = "The service `hearthline-writer`."},
    {.name = "query", .kind = SETTINGS_SECTION, MEMBER(settings, query), .preset = "",
     .section = &settings_query_section,
     .help = "The service `hearthline-query`."},
};
const struct settings_section settings_root = SECTION(root_rows, "What both services share.");

const struct settings_row settings_tag_row = {
    .name = "tag", .kind = SETTINGS_TEXT, MEMBER(settings_tag, value), .check = settings_check_not_empty,
    .help = "The value of a tag."};
/* clang-format on */
