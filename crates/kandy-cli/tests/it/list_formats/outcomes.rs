//! The expected outcome of each list in `tests/lists`.

/// The outcome of a dry run.
#[derive(Clone, Copy)]
pub(crate) enum Outcome {
    /// The number of rows, and the lines of unusable ones with a part of the reason.
    Rows(u64, &'static [(u64, &'static str)]),
    /// The number of rows. Which are usable depends on the rules for phone numbers.
    Numbers(u64),
    /// The file is rejected for this reason.
    Refused(&'static str),
}
use Outcome::{Numbers, Refused, Rows};

const COUNTRY: &str = "it is neither a country of ISO 3166-1";
const BLANK: &str = "it starts or ends with a space";
const THREE: &str = "there are 3 values for 2 columns; put quotes around a value that contains ','";
const NO_LIST: &str = "expected JSON Lines, with one object per line. Convert a JSON array with `jq -c '.[]'`";
pub(crate) const FRACTION: &str = "; write the value as a string in quotes, or as an integer";

/// Lists for `kandy user import`.
pub(crate) const USERS: &[(&str, Outcome)] = &[
    ("cr.csv", Rows(4, &[(3, "column \"user_country_code\": \"XX\""), (5, "column \"user_id\": \"bad@d\"")])),
    ("crlf.csv", Rows(4, &[(3, "column \"user_country_code\": \"XX\""), (5, "column \"user_id\": \"bad@d\"")])),
    ("google_contacts.csv", Refused("line 1: column \"First Name\" is not known")),
    ("multi_crlf.csv", Rows(2, &[(4, "column \"user_country_code\": \"XX\"")])),
    ("u_at.csv", Rows(1, &[(2, "column \"user_id\": \"ann@example.com\" cannot be used: it contains `@`")])),
    ("u_bom.csv", Rows(2, &[])),
    ("u_bom_only.csv", Refused("is empty; the first line must name the columns")),
    ("u_bom_quoted.csv", Rows(1, &[])),
    ("u_case_header.csv", Rows(1, &[])),
    ("u_cp1252.csv", Refused("it reads \"Jürgen\": if that is correct, use --encoding windows-1252")),
    ("u_cp1252_header.csv", Refused("line 1: column 2 is not UTF-8 (byte 0xE9); as Windows-1252")),
    ("u_cr_only.csv", Rows(3, &[(3, COUNTRY)])),
    ("u_dup_header.csv", Refused("line 1: column \"user_id\" occurs twice; remove one")),
    // The service finds the user of the first row, so the second counts as existing.
    ("u_dup_rows.csv", Rows(3, &[])),
    ("u_dup_unknown_header.csv", Refused("line 1: column \"note\" is not known")),
    ("u_empty.csv", Refused("is empty; the first line must name the columns")),
    ("u_google.csv", Refused("column \"user_id\" is missing")),
    ("u_header_only.csv", Rows(0, &[])),
    ("u_human_header.csv", Refused("line 1: column \"User ID\" is not known; did you mean \"user_id\"?")),
    ("u_lower_cc.csv", Rows(4, &[(4, "\"001\" cannot be used"), (5, "\"United States\" cannot be used")])),
    ("u_nbsp_values.csv", Rows(3, &[(2, BLANK), (3, "\"\\u{a0}nb2\" cannot be used"), (4, COUNTRY)])),
    ("u_nfd.csv", Rows(1, &[])),
    ("u_no_final_newline.csv", Rows(2, &[])),
    ("u_nul.csv", Rows(2, &[(2, "\"nu\\0l1\" cannot be used: it contains the invisible character '\\0'")])),
    (
        "u_numbers.jsonl",
        Rows(
            8,
            &[
                (1, "\"user_id\" is the number 1001.0"),
                (2, "\"user_id\" is the number 1e3"),
                (3, "\"user_id\" is the number 1.5"),
                (4, "\"user_id\" is true"),
                (8, "\"user_id\" is the number -0"),
            ],
        ),
    ),
    ("u_quoted_nl.csv", Rows(2, &[])),
    ("u_semicolon.csv", Rows(1, &[])),
    ("u_sep_line.csv", Rows(1, &[])),
    ("u_sep_line_semi.csv", Rows(1, &[])),
    ("u_space_header.csv", Rows(1, &[])),
    // A blank is part of the value, and makes it another id.
    ("u_space_values.csv", Rows(3, &[(2, "\" US\" cannot be used"), (3, BLANK), (4, "\"sv3 \" cannot be used")])),
    (
        "u_stray_quote.csv",
        Refused("line 4: text after the closing quote in column \"user_first_name\" (opened in line 2)"),
    ),
    ("u_tab.csv", Rows(1, &[])),
    ("u_trailing_cols.csv", Rows(2, &[])),
    ("u_trailing_lines.csv", Rows(1, &[])),
    ("u_utf16.jsonl", Rows(1, &[])),
    ("u_utf16be.csv", Rows(1, &[])),
    ("u_utf16le.csv", Rows(1, &[])),
    ("u_utf16le_comma.csv", Rows(1, &[])),
    ("u_ws_row.csv", Rows(1, &[])),
    ("u_zwsp.csv", Rows(2, &[(2, "\"zw1\\u{200b}\" cannot be used: it contains the invisible character '\\u{200b}'")])),
];

/// Lists for `kandy sms send --to-file`.
pub(crate) const SMS: &[(&str, Outcome)] = &[
    ("after_quote.csv", Refused("line 2: text after the closing quote in column \"text\"")),
    ("allq.csv", Rows(1, &[])),
    ("backslash.csv", Rows(1, &[(2, THREE)])),
    ("backslash_quote.csv", Refused("line 2: text after the closing quote in column \"text\"")),
    ("big_numbers.json", Refused(NO_LIST)),
    ("bomrow.csv", Numbers(1)),
    ("bomtext.csv", Rows(1, &[])),
    ("comment.csv", Refused("line 1: column \"# my list\" is not known")),
    ("ctrlz.csv", Rows(2, &[(3, "there are 1 values for 2 columns; a value may be empty")])),
    ("curlyhdr.csv", Refused("line 1: column \"“destination”\" is not known; did you mean \"destination\"?")),
    ("extra.csv", Rows(1, &[(2, THREE)])),
    ("m_long_id.json", Refused(NO_LIST)),
    ("s_array.json", Refused(NO_LIST)),
    ("s_array.jsonl", Rows(2, &[(1, "it is a JSON array"), (2, "it is not a JSON object (column 33)")])),
    ("s_both.jsonl", Rows(1, &[(1, "\"to\" and \"destination\" have the same meaning; remove one")])),
    ("s_case.csv", Rows(1, &[])),
    ("s_curly.csv", Rows(1, &[])),
    ("s_dup.jsonl", Rows(1, &[(1, "\"to\" occurs twice; remove one")])),
    ("s_dup_numbers.csv", Numbers(3)),
    ("s_escape.csv", Rows(1, &[])),
    ("s_excel.csv", Numbers(26)),
    ("s_float.csv", Numbers(3)),
    ("s_float.jsonl", Numbers(4)),
    ("s_inner_quote.csv", Rows(2, &[])),
    ("s_longtext.csv", Rows(2, &[])),
    ("s_newline.csv", Rows(3, &[])),
    ("s_phone.csv", Refused("line 1: column \"phone\" is not known")),
    ("s_stray_pair.csv", Refused("line 4: text after the closing quote in column \"text\" (opened in line 2)")),
    ("s_template.csv", Refused("line 1: column \"name\" is not known")),
    ("seed.json", Refused(NO_LIST)),
    ("seed_bom.json", Refused(NO_LIST)),
    ("single_quote.csv", Rows(1, &[(2, THREE)])),
    ("space_quote.csv", Refused("line 2: opening quote inside column \"text\"")),
    // Such a pair of quotes cannot be told from a text of two lines.
    ("two_in_one.csv", Rows(1, &[])),
    ("ws.csv", Rows(4, &[(4, "column \"text\" is empty")])),
];
