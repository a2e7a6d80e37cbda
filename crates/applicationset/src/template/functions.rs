//! The functions of Go templates in an `ApplicationSet`: takes those of charts, gives Sprig's with
//! what Argo CD adds and changes, never one that only Helm has.
//!
//! Source: `sprigFuncMap` in Argo CD's `applicationset/utils/utils.go`.

use std::sync::{Arc, LazyLock};

use gotemplate::{FunctionError, FunctionTable, List, Map, Parameter, Signature, Value, from_json};

use super::names::{sanitized, slug};

/// What Helm adds to Sprig.
const OF_HELM: &[&str] = &[
    "durationDays",
    "durationHours",
    "durationMicroseconds",
    "durationMilliseconds",
    "durationMinutes",
    "durationNanoseconds",
    "durationRoundTo",
    "durationSeconds",
    "durationTruncateTo",
    "durationWeeks",
    "fromJsonArray",
    "fromToml",
    "include",
    "lookup",
    "mustToDuration",
    "mustToToml",
    "mustToYaml",
    "required",
    "toToml",
    "toYamlPretty",
    "tpl",
];

/// What Argo CD takes away: a template must not learn of the machine.
const TAKEN_AWAY: &[&str] = &["env", "expandenv", "getHostByName"];

const TEXT: Signature = Signature::fixed(&[Parameter::String]);

static TABLE: LazyLock<Arc<FunctionTable>> = LazyLock::new(|| {
    let mut table = chart::function_table();
    // Errors are not swallowed, as Helm does it.
    table.alias("toYaml", "mustToYaml");
    for name in OF_HELM.iter().chain(TAKEN_AWAY) {
        table.remove(name);
    }
    table.register("fromJson", TEXT, |_, arguments| {
        let json = serde_json::from_str(&text(arguments));
        Ok(json.map_or(Value::Nil, |json| from_json(&json)))
    });
    table.register("fromYaml", TEXT, |_, arguments| {
        match parsed(&text(arguments))? {
            Value::Nil => Ok(Value::Map(Map::new())),
            Value::Map(map) => Ok(Value::Map(map)),
            other => Err(wrong_type(&other, "map[string]interface {}")),
        }
    });
    table.register("fromYamlArray", TEXT, |_, arguments| {
        match parsed(&text(arguments))? {
            Value::Nil => Ok(Value::List(List::new(Vec::new()))),
            Value::List(list) => Ok(Value::List(list)),
            other => Err(wrong_type(&other, "[]interface {}")),
        }
    });
    table.register("normalize", TEXT, |_, arguments| {
        Ok(sanitized(&text(arguments)).into())
    });
    table.register("slugify", Signature::ANY, |_, arguments| slugify(arguments));
    Arc::new(table)
});

/// Returns the functions.
pub(super) fn table() -> Arc<FunctionTable> {
    Arc::clone(&TABLE)
}

fn text(arguments: &[Value]) -> String {
    let text = arguments.first().and_then(Value::as_text);
    text.map(|text| text.to_str().into_owned())
        .unwrap_or_default()
}

fn parsed(text: &str) -> Result<Value, FunctionError> {
    match goyaml::parse(text) {
        Ok(node) => Ok(from_json(&node.into_json())),
        Err(error) => Err(FunctionError::new(format!(
            "error converting YAML to JSON: {error}"
        ))),
    }
}

fn wrong_type(found: &Value, wanted: &str) -> FunctionError {
    let found = match found {
        Value::Bool(_) => "bool",
        Value::String(_) => "string",
        Value::List(_) => "array",
        Value::Map(_) => "object",
        _ => "number",
    };
    FunctionError::new(format!(
        "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal {found} into Go value \
         of type {wanted}"
    ))
}

/// `slugify [LONGEST [BETWEEN_WORDS]] NAME`.
fn slugify(arguments: &[Value]) -> Result<Value, FunctionError> {
    let wrong = |value: &Value, wanted: &str| {
        FunctionError::new(format!(
            "interface conversion: interface {{}} is {}, not {wanted}",
            value.type_name()
        ))
    };
    let (mut longest, mut between_words) = (50, true);
    let Some((name, options)) = arguments.split_last() else {
        return Ok("".into());
    };
    match options.first() {
        None => {}
        Some(Value::Int(number)) => longest = *number,
        Some(other) => return Err(wrong(other, "int")),
    }
    match options.get(1) {
        None => {}
        Some(Value::Bool(flag)) => between_words = *flag,
        Some(other) => return Err(wrong(other, "bool")),
    }
    let Some(name) = name.as_text() else {
        return Err(wrong(name, "string"));
    };
    match slug(&name.to_str(), longest, between_words) {
        Ok(slug) => Ok(slug.into()),
        Err(message) => Err(FunctionError::new(message)),
    }
}

#[cfg(test)]
mod tests {
    use gotemplate::FunctionTable;

    /// The names of the functions of Argo CD 3.2.11's table beside Go's own.
    const NAMES: &str = "abbrev abbrevboth add add1 add1f addf adler32sum ago all any append atoi b32dec b32enc \
        b64dec b64enc base bcrypt biggest buildCustomCert camelcase cat ceil chunk clean coalesce \
        compact concat contains date dateInZone dateModify date_in_zone date_modify decryptAES \
        deepCopy deepEqual default derivePassword dict dig dir div divf duration durationRound empty \
        encryptAES ext fail first float64 floor fromJson fromYaml fromYamlArray genCA genCAWithKey \
        genPrivateKey genSelfSignedCert genSelfSignedCertWithKey genSignedCert genSignedCertWithKey \
        get has hasKey hasPrefix hasSuffix hello htmlDate htmlDateInZone htpasswd indent initial \
        initials int int64 isAbs join kebabcase keys kindIs kindOf last list lower max maxf merge \
        mergeOverwrite min minf mod mul mulf mustAppend mustChunk mustCompact mustDateModify \
        mustDeepCopy mustFirst mustFromJson mustHas mustInitial mustLast mustMerge \
        mustMergeOverwrite mustPrepend mustPush mustRegexFind mustRegexFindAll mustRegexMatch \
        mustRegexReplaceAll mustRegexReplaceAllLiteral mustRegexSplit mustRest mustReverse mustSlice \
        mustToDate mustToJson mustToPrettyJson mustToRawJson mustUniq mustWithout must_date_modify \
        nindent normalize nospace now omit osBase osClean osDir osExt osIsAbs pick pluck plural \
        prepend push quote randAlpha randAlphaNum randAscii randBytes randInt randNumeric regexFind \
        regexFindAll regexMatch regexQuoteMeta regexReplaceAll regexReplaceAllLiteral regexSplit \
        repeat replace rest reverse round semver semverCompare seq set sha1sum sha256sum sha512sum \
        shuffle slugify snakecase sortAlpha split splitList splitn squote sub subf substr swapcase \
        ternary title toDate toDecimal toJson toPrettyJson toRawJson toString toStrings toYaml trim \
        trimAll trimPrefix trimSuffix trimall trunc tuple typeIs typeIsLike typeOf uniq unixEpoch \
        unset until untilStep untitle upper urlJoin urlParse uuidv4 values without wrap wrapWith";

    #[test]
    fn there_are_the_functions_of_argo_cd_and_no_others() {
        let builtin = FunctionTable::new();
        let table = super::table();
        let names: Vec<&str> = table
            .names()
            .filter(|name| !builtin.contains(name))
            .collect();
        assert_eq!(names.join(" "), NAMES);
    }
}
