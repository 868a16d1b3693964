# Reads .sql files (the form is told in include/db/statement.h) and writes statements.h, the names as an enum, and
# statements.c, the table. What a person may get wrong stops the build with file:line; SQL itself is
# checked later, by the server (`mosharekat check`). Plain awk: mawk has no intervals and no gensub.
#
#   awk -v header=OUT.h -v source=OUT.c -f statements.awk FILE.sql...

BEGIN {
    split("bool 16 bytea 17 int8 20 int4 23 text 25 json 114 date 1082 timestamptz 1184 timestamptz[] 1185 " \
          "text[] 1009 uuid 2950 uuid[] 2951 jsonb 3802", pairs, " ")
    for (i = 1; i in pairs; i += 2)
        oid[pairs[i]] = pairs[i + 1]
    split("read LANE_READ write LANE_WRITE slow LANE_SLOW", pairs, " ")
    for (i = 1; i in pairs; i += 2)
        lane_enum[pairs[i]] = pairs[i + 1]
    split("bool 1000 bytea 1001 int8 1016 int4 1007 text 1009 json 199 date 1182 timestamptz 1185 uuid 2951 jsonb 3807",
          pairs, " ")
    for (i = 1; i in pairs; i += 2)
        array_oid[pairs[i]] = pairs[i + 1]
    params_max = 32
    name_max = 63 # PostgreSQL tells prepared statements apart by their first 63 bytes

    if (ARGC == 1)
        exit # no file: the table is empty (and awk must not wait for its standard input)
}

FNR == 1 {
    finish()
}

/^--[ \t]*name:/ {
    finish()
    start(value_after_colon($0))
    next
}

/^--[ \t]*lane:/ {
    if (name == "")
        fail_outside("a lane")
    else if (!((lane = value_after_colon($0)) in lane_enum))
        fail(FILENAME, FNR, "no such lane: " lane)
    next
}

/^--[ \t]*rows:/ {
    if (name == "")
        fail_outside("a number of rows")
    else if (value_after_colon($0) != "many")
        fail(FILENAME, FNR, "rows can only be many: " value_after_colon($0))
    is_many = 1
    next
}

/^--[ \t]*\$[0-9]/ {
    if (name == "")
        fail_outside("a parameter")
    else
        declare($0)
    next
}

/^[ \t]*--/ || /^[ \t\r]*$/ {
    next
}

{
    if (name == "")
        fail_outside("SQL")
    else {
        find_uses($0)
        text = text "\n        \"" c_escape($0) "\\n\""
    }
}

END {
    finish()
    if (failed)
        exit 1
    sort_names()
    write_header()
    write_source()
}

# --- one statement -----------------------------------------------------------------------------

function start(new_name)
{
    skipping = 1 # until the name is found good
    if (new_name !~ /^[a-z][a-z0-9_]*$/) {
        fail(FILENAME, FNR, "a name is made of a-z, 0-9 and _: \"" new_name "\"")
        return
    }
    if (length(new_name) > name_max) {
        fail(FILENAME, FNR, "a name has at most " name_max " letters: " new_name)
        return
    }
    if (new_name in file_of) {
        fail(FILENAME, FNR, new_name " is already the name of " file_of[new_name] ":" line_of[new_name])
        return
    }
    skipping = 0
    name = new_name
    file_of[name] = FILENAME
    line_of[name] = FNR
    lane = text = scan_state = ""
    declared_max = is_many = 0
    split("", declared)
    split("", used)
}

function finish(    i, types)
{
    skipping = 0
    if (name == "")
        return
    if (lane == "")
        fail(file_of[name], line_of[name], name " has no lane (read, write or slow)")
    if (text == "")
        fail(file_of[name], line_of[name], name " has no SQL")
    if (declared_max > params_max)
        fail(file_of[name], line_of[name], name " has more than " params_max " parameters")
    for (i = 1; i <= declared_max; i++) {
        if (!(i in declared))
            fail(file_of[name], line_of[name], name " does not declare $" i)
        else if (!(i in used))
            fail(file_of[name], line_of[name], name " declares $" i " and does not use it")
        else if (is_many && !(declared[i] in array_oid))
            fail(file_of[name], line_of[name], name " is of many rows: $" i " cannot be of type " declared[i])
        types = types (i > 1 ? ", " : "") (is_many ? array_oid[declared[i]] : oid[declared[i]])
    }
    if (is_many && lane != "write")
        fail(file_of[name], line_of[name], name " is of many rows and no write")
    if (is_many && declared[1] != "uuid")
        fail(file_of[name], line_of[name], name " is of many rows: $1, its key, must be a uuid")
    for (i in used)
        if (i + 0 > declared_max)
            fail(file_of[name], line_of[name], name " uses $" i " and does not declare it")

    lane_of[name] = lane
    text_of[name] = text
    types_of[name] = types
    is_many_of[name] = is_many ? "true" : "false"
    param_count_of[name] = declared_max
    names[++count] = name
    name = ""
}

# "-- $1 org uuid (a comment)  $2 id uuid": a declaration begins the line or follows two blanks.
function declare(line,    parts, n, i, words, number)
{
    sub(/^--[ \t]*/, "", line)
    gsub(/[ \t][ \t]+\$/, "\n$", line)
    n = split(line, parts, "\n")
    for (i = 1; i <= n; i++) {
        split(parts[i], words, /[ \t]+/)
        number = substr(words[1], 2) + 0
        if (number < 1 || words[1] !~ /^\$[0-9]+$/)
            fail(FILENAME, FNR, "not a parameter: " words[1])
        else if (number in declared)
            fail(FILENAME, FNR, "$" number " is declared twice")
        else if (!(words[3] in oid))
            fail(FILENAME, FNR, "$" number " " words[2] ": no such type: \"" words[3] "\"")
        declared[number] = words[3]
        if (number > declared_max)
            declared_max = number
    }
}

# Notes each $n outside of literals, quoted names and comments. A literal or /* */ may span lines (scan_state).
function find_uses(line,    i, c, two, number)
{
    for (i = 1; i <= length(line); i++) {
        c = substr(line, i, 1)
        two = substr(line, i, 2)
        if (scan_state == "*/") {
            if (two == "*/")
                scan_state = ""
        } else if (scan_state != "") {
            if (c == scan_state)
                scan_state = ""
        } else if (two == "--") {
            return
        } else if (two == "/*") {
            scan_state = "*/"
        } else if (c == "'" || c == "\"") {
            scan_state = c
        } else if (c == "$" && match(substr(line, i + 1), /^[0-9]+/)) {
            number = substr(line, i + 1, RLENGTH) + 0
            used[number] = 1
        }
    }
}

# --- the output ----------------------------------------------------------------------------------

function write_header(    i)
{
    print "/* Generated from the .sql files: the statements by name. */" > header
    print "#ifndef STATEMENTS_H\n#define STATEMENTS_H\n\n#include \"db/statement.h\"\n\nenum sql_id {" > header
    for (i = 1; i <= count; i++)
        print "    SQL_" toupper(names[i]) "," > header
    print "    SQL_COUNT\n};\n\nextern const struct statement statements[]; /* SQL_COUNT, by name */\n\n#endif" > header
    close(header)
}

function write_source(    i, n, types)
{
    print "/* Generated from the .sql files: the table of statements, by name. */" > source
    print "#include \"statements.h\"\n\n#include <stddef.h>\n" > source
    for (i = 1; i <= count; i++)
        if (param_count_of[names[i]])
            print "static const uint32_t types_" names[i] "[] = {" types_of[names[i]] "};" > source
    print "\nconst struct statement statements[] = {" > source
    for (i = 1; i <= count; i++) {
        n = names[i]
        types = param_count_of[n] ? "types_" n : "NULL"
        print "    {\"" n "\"," text_of[n] ",\n        \"" c_escape(file_of[n]) "\", " line_of[n] ", " \
              lane_enum[lane_of[n]] ", " param_count_of[n] ", " types ", " is_many_of[n] "}," > source
    }
    print "    {0}, /* so that an empty table is C, too */\n};" > source
    close(source)
}

function sort_names(    i, j, moving)
{
    for (i = 2; i <= count; i++) {
        moving = names[i]
        for (j = i - 1; j >= 1 && names[j] > moving; j--)
            names[j + 1] = names[j]
        names[j + 1] = moving
    }
}

# --- small things --------------------------------------------------------------------------------

function value_after_colon(line)
{
    sub(/^[^:]*:[ \t]*/, "", line)
    sub(/[ \t\r]+$/, "", line)
    return line
}

function c_escape(s)
{
    gsub(/\\/, "\\\\&", s)
    gsub(/"/, "\\\"", s)
    gsub(/\?/, "\\?", s) # no trigraphs
    gsub(/\t/, "\\t", s)
    gsub(/\r/, "", s)
    return s
}

# Said once, not for every line that follows (nor for those of a statement whose name was refused).
function fail_outside(what)
{
    if (!skipping)
        fail(FILENAME, FNR, what " outside a statement: a `-- name:` line is missing")
    skipping = 1
}

function fail(file, line, message)
{
    print file ":" line ": " message > "/dev/stderr"
    failed = 1
}
