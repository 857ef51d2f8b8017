#include "bus/dial.h"

#include <string.h>

#include "base/settings.h"

static const char *or_null(const char *s)
{
    return s && *s ? s : NULL;
}

static bool add_properties(const struct bus_options *o, MQTTProperties *properties)
{
    MQTTProperty expiry = {.identifier = MQTTPROPERTY_CODE_SESSION_EXPIRY_INTERVAL,
                           .value.integer4 = DIAL_SESSION_KEPT_S};
    MQTTProperty maximum = {.identifier = MQTTPROPERTY_CODE_RECEIVE_MAXIMUM,
                            .value.integer2 = o->receive_maximum};
    if (o->keep_session && MQTTProperties_add(properties, &expiry) != 0)
        return false;
    return o->receive_maximum == 0 || MQTTProperties_add(properties, &maximum) == 0;
}

static MQTTAsync_SSLOptions tls_options(const struct dial *dial)
{
    MQTTAsync_SSLOptions tls = MQTTAsync_SSLOptions_initializer;
    tls.trustStore = or_null(dial->options->ca_file); /* NULL: the system's */
    tls.keyStore = or_null(dial->options->cert_file);
    tls.privateKey = or_null(dial->options->key_file);
    tls.enableServerCertAuth = 1;
    tls.verify = 1; /* the host name too; off in paho's initializer */
    tls.ssl_error_cb = dial->tls_error;
    tls.ssl_error_context = dial->context;
    return tls;
}

enum err dial_connect(MQTTAsync handle, const struct dial *dial, struct err_reason *why)
{
    const struct bus_options *o = dial->options;
    MQTTAsync_connectOptions c = MQTTAsync_connectOptions_initializer5;
    MQTTAsync_willOptions will = MQTTAsync_willOptions_initializer;
    MQTTAsync_SSLOptions tls = tls_options(dial);
    MQTTProperties properties = MQTTProperties_initializer;
    char password[4097] = "";
    int refused;
    enum err err = settings_secret(o->password_file ? o->password_file : "", password, why);
    if (err)
        goto out;
    if (!add_properties(o, &properties)) {
        err = err_explain(why, ERR_NOMEM, "no memory for the connection's properties");
        goto out;
    }
    will.topicName = o->will.topic;
    will.message = o->will.payload ? o->will.payload : "";
    will.retained = o->will.retained;
    will.qos = DIAL_WILL_QOS;
    c.cleanstart = !o->keep_session; /* 1 in paho's initializer */
    c.keepAliveInterval = o->keep_alive_s ? o->keep_alive_s : DIAL_KEEP_ALIVE_S;
    c.connectTimeout = DIAL_PATIENCE_S;
    c.automaticReconnect = 0; /* it would hide whether the session was present */
    c.connectProperties = &properties;
    c.will = or_null(o->will.topic) ? &will : NULL;
    c.ssl = dial->address->tls ? &tls : NULL;
    c.username = or_null(o->username);
    c.binarypwd.len = (int)strlen(password);
    c.binarypwd.data = or_null(password);
    c.context = dial->context;
    c.onSuccess5 = dial->answered;
    c.onFailure5 = dial->failed;
    refused = MQTTAsync_connect(handle, &c);
    if (refused != MQTTASYNC_SUCCESS)
        err = err_explain(why, ERR_INVALID, "the connection could not be begun: %s",
                          MQTTAsync_strerror(refused));
out:
    MQTTProperties_free(&properties);
    explicit_bzero(password, sizeof password);
    return err;
}
