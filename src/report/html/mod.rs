//! The graph as one page for a browser: takes the page's values, gives HTML that needs nothing but
//! itself, never asks anybody for anything.

mod escape;
mod gather;
mod layout;
mod page;
mod svg;

pub use page::{Page, PageFinding, PageObject, PageReason, PageService, PageWait};

const TEMPLATE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// Returns the page.
pub fn html(page: &Page) -> Result<String, serde_json::Error> {
    let data = escape::json(&serde_json::to_string(page)?);
    let name = escape::html(&page.environment);
    let picture = svg::svg(page);
    // Filled from the front to the back, so that nothing that is filled in is looked at again.
    let parts = [
        ("@name@", name.as_str()),
        ("@style@", STYLE),
        ("@name@", name.as_str()),
        ("@picture@", picture.as_str()),
        ("@data@", data.as_str()),
        ("@script@", SCRIPT),
    ];
    let mut text = String::with_capacity(
        TEMPLATE.len() + STYLE.len() + SCRIPT.len() + picture.len() + data.len(),
    );
    let mut rest = TEMPLATE;
    for (mark, part) in parts {
        let (before, after) = rest.split_once(mark).unwrap_or((rest, ""));
        text.push_str(before);
        text.push_str(part);
        rest = after;
    }
    text.push_str(rest);
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTILE: &str =
        "</script><img src=x onerror=alert(1)> & \"quoted\" 'text' @data@ \u{2028}";

    fn finding(message: &str) -> PageFinding {
        PageFinding {
            severity: "error",
            code: HOSTILE.to_owned(),
            message: message.to_owned(),
            place: Some(HOSTILE.to_owned()),
        }
    }

    fn service(name: &str, wave: u32) -> PageService {
        PageService {
            name: name.to_owned(),
            wave,
            namespace: HOSTILE.to_owned(),
            project: HOSTILE.to_owned(),
            place: None,
            objects: vec![PageObject {
                kind: HOSTILE.to_owned(),
                api: "v1".to_owned(),
                namespace: None,
                name: HOSTILE.to_owned(),
                place: HOSTILE.to_owned(),
                hook: false,
            }],
            findings: vec![finding(HOSTILE)],
        }
    }

    fn wait(service: usize, on: usize) -> PageWait {
        PageWait {
            service,
            on,
            until: "ready",
            soft: false,
            implied: false,
            reasons: vec![PageReason {
                until: "ready",
                soft: false,
                rest: false,
                evidence: HOSTILE.to_owned(),
            }],
        }
    }

    fn page() -> Page {
        Page {
            environment: HOSTILE.to_owned(),
            services: vec![service(HOSTILE, 0), service("second", 1)],
            // Two services that need each other, each for a part of the other.
            waits: vec![wait(0, 1), wait(1, 0)],
            chain: vec![0, 1],
            findings: vec![finding(HOSTILE)],
        }
    }

    #[test]
    fn no_text_is_markup() {
        let text = html(&page()).expect("a page");
        assert!(!text.contains("<img"));
        assert_eq!(text.matches("</script>").count(), 2);
        let (_, data) = text
            .split_once("type=\"application/json\">")
            .expect("the data");
        let (data, _) = data.split_once("</script>").expect("its end");
        let data: serde_json::Value = serde_json::from_str(data).expect("JSON");
        assert_eq!(data["environment"], HOSTILE);
        assert_eq!(data["waits"][1]["reasons"][0]["evidence"], HOSTILE);
    }

    #[test]
    fn everything_is_in_the_picture() {
        let text = html(&page()).expect("a page");
        assert_eq!(text.matches("class=\"service\"").count(), 2);
        assert_eq!(text.matches("data-wait=").count(), 2);
        assert_eq!(text, html(&page()).expect("the same page"));
    }

    #[test]
    fn a_page_without_services_is_a_page() {
        let empty = Page {
            environment: "empty".to_owned(),
            services: Vec::new(),
            waits: Vec::new(),
            chain: Vec::new(),
            findings: Vec::new(),
        };
        assert!(html(&empty).expect("a page").ends_with("</html>\n"));
    }
}
