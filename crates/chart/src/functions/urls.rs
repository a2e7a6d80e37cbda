//! `urlParse` and `urlJoin`: takes a URL or a map of its parts, gives the other, never connects.
//!
//! Source: Sprig's `url.go`.

use gotemplate::{FunctionError, FunctionTable, Map, Parameter, Signature, Value};

use super::arguments::{TEXT, kind, map, nil_pointer, text};
use super::go_url::Url;

pub(super) fn register(table: &mut FunctionTable) {
    table.register("urlParse", TEXT, |_, a| {
        let url = Url::parse(&text(a, 0))
            .map_err(|error| FunctionError::new(format!("unable to parse url: {error}")))?;
        let map = Map::new();
        map.set("scheme", url.scheme.as_str());
        map.set("hostname", url.hostname());
        map.set("host", url.host.as_str());
        map.set("path", url.path.as_str());
        map.set("query", url.query.as_str());
        map.set("opaque", url.opaque.as_str());
        map.set("fragment", url.fragment.as_str());
        map.set("userinfo", url.user_text());
        Ok(Value::Map(map))
    });
    table.register("urlJoin", Signature::fixed(&[Parameter::Map]), |_, a| {
        let map = map(a, 0);
        let part = |name: &str| match map.get(name) {
            None => Ok(String::new()),
            Some(Value::String(text)) => Ok(text.to_str().into_owned()),
            Some(Value::Nil) => Err(nil_pointer()),
            Some(other) => Err(FunctionError::new(format!(
                "unable to parse {name} key, must be of type string, but {} found",
                kind(&other)
            ))),
        };
        let mut url = Url {
            scheme: part("scheme")?,
            host: part("host")?,
            path: part("path")?,
            query: part("query")?,
            opaque: part("opaque")?,
            fragment: part("fragment")?,
            ..Url::default()
        };
        let user = part("userinfo")?;
        if !user.is_empty() {
            let parsed = Url::parse(&format!("proto://{user}@host")).map_err(|error| {
                FunctionError::new(format!("unable to parse userinfo in dict: {error}"))
            })?;
            url.user = parsed.user;
        }
        Ok(url.to_string().into())
    });
}
