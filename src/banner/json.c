/* Strings of the outermost object of a JSON text. */
#include "banner/json.h"

#include "banner/text.h"

static struct json_string *current(struct json *json)
{
    return json->is_value ? &json->value : &json->name;
}

static bool take_in_string(struct json *json, uint8_t byte)
{
    if (!json->escaped && byte == '\\') {
        json->escaped = true;
        return false;
    }
    bool ends = !json->escaped && byte == '"';
    json->escaped = false;
    if (!ends) {
        if (json->depth == 1)
            TEXT_PUT(current(json), byte);
        return false;
    }
    json->in_string = false;
    return json->depth == 1 && json->is_value;
}

static void take_bracket(struct json *json, bool opens)
{
    if (opens && json->depth < UINT8_MAX)
        json->depth++;
    else if (opens || --json->depth == 0)
        json->over = true;
}

bool json_take(struct json *json, uint8_t byte)
{
    if (json->over)
        return false;
    if (json->in_string)
        return take_in_string(json, byte);
    if (json->depth == 0 && byte != '{') {
        json->over = byte > ' ';
        return false;
    }
    if (byte == '"') {
        json->in_string = true;
        if (json->depth == 1)
            current(json)->length = 0;
    } else if (byte == '{' || byte == '[' || byte == '}' || byte == ']') {
        take_bracket(json, byte == '{' || byte == '[');
    } else if ((byte == ':' || byte == ',') && json->depth == 1) {
        json->is_value = byte == ':';
    }
    return false;
}
