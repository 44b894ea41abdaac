#!/usr/bin/env bash
# curl fetches all pages over one connection; sqlite3 takes them apart with json_each and upserts what differs.
#   curl_json_each.sh URL FOLDER
set -euo pipefail
url=$1 folder=$2
cd "$folder"

token=$(curl -sf -H 'Content-Type: application/json' -d '{"username":"bench","password":"bench"}' \
    "$url/api/auth" | sed 's/.*"token": *"\([^"]*\)".*/\1/')

# One list: the first page tells the total, all others are one call of curl.
fetch() {
    local name=$1 path=$2 total skip
    ask "$path" 0 "$name.0.json" > first.curl
    curl -sf -K first.curl
    total=$(tail -c 40 "$name.0.json" | sed 's/.*"total_rows": *\([0-9]*\).*/\1/')
    : > rest.curl
    for ((skip = 500; skip < total; skip += 500)); do
        [ "$skip" = 500 ] || echo next >> rest.curl
        ask "$path" "$skip" "$name.$skip.json" >> rest.curl
    done
    [ ! -s rest.curl ] || curl -sf -K rest.curl
}
ask() {
    printf 'url = "%s/api%s"\nheader = "Authorization: Bearer %s"\nheader = "Content-Type: application/json"\n' \
        "$url" "$1" "$token"
    printf 'data = "{\\"skip\\":%s,\\"take\\":500,\\"id_location\\":1000}"\noutput = "%s"\n' "$2" "$3"
}
fetch rows /inventory/search
fetch items /inventory/item/search

# A column for each field that the product reads; a lot that lies nowhere is in area 0.
columns() {
    local field
    for field in "$@"; do
        case $field in
            id_area) printf "ifnull(value ->> '\$.id_area', 0) AS id_area, " ;;
            compounds | media_list | price_tier_list) printf "value -> '\$.%s' AS %s, " "$field" "$field" ;;
            *) printf "value ->> '\$.%s' AS %s, " "$field" "$field" ;;
        esac
    done | sed 's/, $//'
}
upsert() {
    local table=$1 key=$2 files=$3 field list differs="" set="" file
    shift 3
    list=$(echo "$*" | tr ' ' ',')
    for field in "$@"; do
        set="$set$field = excluded.$field, "
        differs="$differs$table.$field IS NOT excluded.$field OR "
    done
    echo "CREATE TABLE IF NOT EXISTS $table ($list, PRIMARY KEY ($key)) WITHOUT ROWID;"
    for file in $files; do
        echo "INSERT INTO $table SELECT $(columns "$@") FROM json_each(readfile('$file')) WHERE true"
        echo "ON CONFLICT ($key) DO UPDATE SET ${set%, } WHERE ${differs% OR };"
    done
}
fields() { python3 -S -c "import sys; sys.path.insert(0, '$(dirname "$0")/..'); import wanted; print(*wanted.$1)"; }
{
    echo "PRAGMA journal_mode = WAL; BEGIN;"
    # shellcheck disable=SC2046
    upsert pos_rows id_batch,id_area "$(echo rows.*.json)" $(fields ROW_FIELDS)
    # shellcheck disable=SC2046
    upsert pos_items id_item "$(echo items.*.json)" $(fields ITEM_FIELDS)
    echo "COMMIT;"
} | sqlite3 copy.db
rm -f ./*.json ./*.curl
