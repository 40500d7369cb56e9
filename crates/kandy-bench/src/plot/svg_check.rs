//! Checks a plot: elements are closed, texts are escaped, and nothing is outside of the view box.
//!
//! Depends on `svg`. Begin with `check`.

use super::svg::width;

/// Returns the texts. Panics if the plot is not well formed, or something is outside.
pub(super) fn check(svg: &str) -> Vec<String> {
    let mut open: Vec<&str> = Vec::new();
    let mut texts = Vec::new();
    let (mut size, mut last_tag) = ((0.0, 0.0), "");
    let mut rest = svg;
    while let Some((text, after)) = rest.split_once('<') {
        if let Some(element) = open.last().filter(|_| !text.trim().is_empty()) {
            let text = unescaped(text);
            if *element == "text" {
                check_text(last_tag, &text, size);
                texts.push(text);
            }
        } else {
            assert!(text.trim().is_empty(), "{text:?} outside of an element");
        }
        let (tag, after) = after.split_once('>').expect("a closed tag");
        rest = after;
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "an element that is not open is closed");
            continue;
        }
        let name = tag.split_whitespace().next().expect("a name");
        match name {
            "svg" => {
                let numbers: Vec<f64> = attribute(tag, "viewBox").split(' ').map(number).collect();
                size = (numbers[2], numbers[3]);
                assert_eq!(attribute(tag, "role"), "img");
            }
            "line" => {
                check_place(tag, (number(attribute(tag, "x1")), number(attribute(tag, "y1"))), size);
                check_place(tag, (number(attribute(tag, "x2")), number(attribute(tag, "y2"))), size);
            }
            "rect" => {
                let [x, y, wide, high] = ["x", "y", "width", "height"].map(|name| number(attribute(tag, name)));
                assert!(wide >= 0.0 && high >= 0.0, "{tag}");
                check_place(tag, (x, y), size);
                check_place(tag, (x + wide, y + high), size);
            }
            "circle" => {
                let [x, y, radius] = ["cx", "cy", "r"].map(|name| number(attribute(tag, name)));
                check_place(tag, (x - radius, y - radius), size);
                check_place(tag, (x + radius, y + radius), size);
            }
            "polygon" | "polyline" => {
                for point in attribute(tag, "points").split(' ') {
                    let (x, y) = point.split_once(',').expect("a point");
                    check_place(tag, (number(x), number(y)), size);
                }
            }
            "text" | "title" | "desc" | "style" => {}
            _ => panic!("an element {name}"),
        }
        if !tag.ends_with('/') {
            open.push(name);
            last_tag = tag;
        }
    }
    assert!(open.is_empty() && rest.trim().is_empty(), "{open:?} are open");
    for element in ["<title>", "<desc>", "prefers-color-scheme:dark"] {
        assert!(svg.contains(element), "{element}");
    }
    texts
}

fn attribute<'a>(tag: &'a str, name: &str) -> &'a str {
    let (_, value) = tag.split_once(&format!(" {name}=\"")).unwrap_or_else(|| panic!("{name} of {tag}"));
    value.split('"').next().unwrap_or_default()
}

fn number(text: &str) -> f64 {
    text.parse().unwrap_or_else(|_| panic!("{text:?} is no number"))
}

fn check_place(tag: &str, (x, y): (f64, f64), size: (f64, f64)) {
    assert!((0.0..=size.0).contains(&x) && (0.0..=size.1).contains(&y), "{tag} is outside of {size:?}");
}

fn check_text(tag: &str, text: &str, size: (f64, f64)) {
    let (x, y) = (number(attribute(tag, "x")), number(attribute(tag, "y")));
    let class = attribute(tag, "class");
    let scale = if class.contains("title") { 16.0 / 13.0 } else { 1.0 };
    // Bold letters are wider.
    let scale = if class.contains("strong") || class.contains("word") { 1.1 * scale } else { scale };
    let wide = width(text) * scale;
    let left = match attribute(tag, "text-anchor") {
        "middle" => x - wide / 2.0,
        "end" => x - wide,
        _ => x,
    };
    check_place(text, (left, y), size);
    check_place(text, (left + wide, y + 3.0), size);
}

fn unescaped(text: &str) -> String {
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&amp;", "&")];
    let mut plain = text.to_owned();
    for (entity, letter) in entities {
        plain = plain.replace(entity, letter);
    }
    let bare =
        text.matches('&').count() - entities.iter().map(|(entity, _)| text.matches(entity).count()).sum::<usize>();
    assert_eq!(bare, 0, "{text:?} has a bare &");
    plain
}
