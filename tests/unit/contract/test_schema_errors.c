/* Schemas that stop the start: what is wrong, and on which line. The line that must be named carries "#
 * HERE". */
#include "errors.h"

static const struct error_case keyword_cases[] = {
    {"    T: {type: string,\n      maxlength: 3} # HERE\n", "no keyword 'maxlength'"},
    {"    T: {type: string,\n      anyOf: []} # HERE\n", "no keyword 'anyOf'"},
    {"    T: {$ref: '#/components/schemas/U'} # HERE\n", "there is no '#/components/schemas/U'"},
    {"    T: {$ref: 'other.yaml#/U'} # HERE\n", "must begin with '#/components/schemas/'"},
    {"    T: {$ref: '#/components/parameters/U'} # HERE\n", "must begin with '#/components/schemas/'"},
    {"    T: {$ref: '#/components/schemas/U'} # HERE\n    U: {$ref: '#/components/schemas/T'}\n",
     "is itself only a $ref"},
    {"    U: {type: string}\n    T: {$ref: '#/components/schemas/U',\n      maxLength: 3} # HERE\n",
     "a $ref knows no 'maxLength'"},
    {"    T: string # HERE\n", "a schema must be a map"},
    {"    T: {type: text} # HERE\n", "no type 'text'"},
    {"    T:\n      type: [string, null] # HERE\n", "'null' needs its quotes"},
    {"    T: {type: []} # HERE\n", "may not be empty"},
    {"    T: {type: string, enum: []} # HERE\n", "enum must be a list"},
    {"    T:\n      type: string\n      enum:\n        - a\n        - 1 # HERE\n", "not of type string"},
    {"    T:\n      enum: [a]\n      const: a # HERE\n", "may not stand together"},
    {"    T:\n      type: integer\n      maxLength: 3 # HERE\n", "'maxLength' means nothing"},
    {"    T:\n      properties: {a: {type: string}} # HERE\n", "'properties' means nothing"},
    {"    T:\n      type: string\n      maxLength: -1 # HERE\n", "whole number"},
    {"    T:\n      type: string\n      maxLength: 1.5 # HERE\n", "whole number"},
    {"    T: {type: string, minLength: 3, maxLength: 2} # HERE\n", "more than the most"},
    {"    T: {type: array, minItems: 3, maxItems: 2} # HERE\n", "more than the most"},
    {"    T: {type: integer, minimum: 3, maximum: 2} # HERE\n", "more than the most"},
    {"    T:\n      type: integer\n      minimum: low # HERE\n", "must be a number"},
    {"    T:\n      type: string\n      pattern: '(' # HERE\n", "pattern is wrong at 1"},
    {"    T:\n      type: string\n      pattern: 5 # HERE\n", "pattern must be a text"},
    {"    T:\n      type: string\n      format: ipv4 # HERE\n", "no format 'ipv4'"},
    {"    T:\n      type: array\n      uniqueItems: true # HERE\n", "uniqueItems needs maxItems"},
    {"    T:\n      type: array\n      uniqueItems: often # HERE\n", "true or false"},
    {"    T:\n      type: array\n      items: [] # HERE\n", "a schema must be a map"},
    {"    T:\n      type: object\n      properties: [a] # HERE\n", "properties must be a map"},
    {"    T:\n      type: object\n      additionalProperties: some # HERE\n", "true or false"},
    {"    T:\n      type: object\n      required: a # HERE\n", "list of names"},
    {"    T:\n      type: object\n      required:\n        - a # HERE\n", "'a' is required but not among"},
    {"    T:\n      type: object\n      properties:\n        a: {type: string, default: x}\n"
     "        b: {type: integer, default: x} # HERE\n",
     "default does not fit its schema: wrong_type at ''"},
    {"    U: {type: string, maxLength: 2}\n    T:\n      $ref: '#/components/schemas/U'\n"
     "      default: abc # HERE\n",
     "too_long"},
};

static const struct error_case one_of_cases[] = {
    {"    T:\n      oneOf: [{type: string}, {type: integer}] # HERE\n", "oneOf needs a discriminator"},
    {"    T:\n      oneOf: [{type: 'null'}, {type: 'null'}] # HERE\n", "oneOf needs a discriminator"},
    {"    T:\n      oneOf: {} # HERE\n", "must be a list of schemas"},
    {"    T:\n      oneOf:\n        - {type: 'null'}\n        - {oneOf: [{type: 'null'}, {}]} # HERE\n",
     "one too many"},
    {"    T:\n      oneOf: [{type: 'null'}, {$ref: '#/components/schemas/T'}] # HERE\n", "one too many"},
    {"    T:\n      type: object\n      discriminator: {propertyName: a} # HERE\n", "needs oneOf beside it"},
    {"    T:\n      type: object\n      properties: {} # HERE\n      oneOf: [{type: 'null'}, {}]\n",
     "a schema with oneOf knows no 'properties'"},
    {"    T:\n      discriminator: {mapping: {}} # HERE\n      oneOf: [{}]\n", "'propertyName' is missing"},
    {"    T:\n      discriminator: {propertyName: a}\n      oneOf:\n        - {type: object} # HERE\n",
     "must be a $ref"},
    {"    T:\n      discriminator: {propertyName: a}\n      oneOf:\n"
     "        - $ref: '#/components/schemas/T' # HERE\n",
     "may not be a oneOf itself"},
    {"    U: {type: object}\n    T:\n      discriminator: {propertyName: a}\n      oneOf:\n"
     "        - $ref: '#/components/schemas/U' # HERE\n",
     "the variant 'U' has no property 'a'"},
    {"    U: {type: object, properties: {a: {}}}\n    T:\n      oneOf: [{$ref: '#/components/schemas/U'}]\n"
     "      discriminator:\n        propertyName: a\n        mapping:\n          v: U\n          w: V # "
     "HERE\n",
     "the mapping of 'w'"},
    {"    U: {type: object, properties: {a: {}}}\n    V: {type: object, properties: {a: {}}}\n    T:\n"
     "      discriminator: {propertyName: a, mapping: {u: U}}\n      oneOf:\n"
     "        - $ref: '#/components/schemas/U'\n        - $ref: '#/components/schemas/V' # HERE\n",
     "leaves this variant out"},
};

static void a_wrong_keyword_stops_the_start_with_its_line(void **state)
{
    (void)state;
    assert_errors(UNIT_HEAD, keyword_cases, ARRAY_LEN(keyword_cases));
}

static void a_wrong_one_of_stops_the_start_with_its_line(void **state)
{
    (void)state;
    assert_errors(UNIT_HEAD, one_of_cases, ARRAY_LEN(one_of_cases));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wrong_keyword_stops_the_start_with_its_line),
        cmocka_unit_test(a_wrong_one_of_stops_the_start_with_its_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
