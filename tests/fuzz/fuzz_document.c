/* Any bytes as a YAML document, and as a contract. What was read can be written as JSON, and every pointer
 * has a line of the file; what was refused says why, in UTF-8. */
#include "sample.h"

#include "base/text.h"
#include "contract/document.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned count_lines(struct slice text)
{
    unsigned lines = 1;

    for (size_t i = 0; i < text.len; i++)
        lines += text.data[i] == '\n' || text.data[i] == '\r' || (unsigned char)text.data[i] >= 0x80;
    return lines; /* at most: YAML ends lines at U+0085, U+2028 and U+2029 too */
}

static void check_error(const struct contract_error *error)
{
    HOLDS(error->text[0] != '\0');
    HOLDS(text_is_utf8(slice_of(error->text)));
}

static void check_document(struct document *document, struct slice yaml)
{
    char *json = json_dumps(document_json(document), JSON_COMPACT | JSON_ENCODE_ANY);
    char *pointer = malloc(yaml.len + 2);

    HOLDS(json && pointer);
    pointer[0] = '/';
    memcpy(pointer + 1, yaml.data, yaml.len);
    pointer[yaml.len + 1] = '\0';
    unsigned line = document_line(document, pointer);
    HOLDS(line >= 1 && line <= count_lines(yaml) + 1);
    free(pointer);
    free(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct slice yaml = {(const char *)data, size};
    struct contract_error error = {0};

    struct document *document = document_read(yaml, &error);
    if (!document) {
        check_error(&error);
        return 0;
    }
    check_document(document, yaml);
    document_free(document);

    struct contract *contract = contract_compile(yaml, &sample_vocabulary, &error);
    if (!contract)
        check_error(&error);
    contract_free(contract);
    return 0;
}
