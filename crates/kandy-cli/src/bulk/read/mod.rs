//! Reads the rows of a file.
//!
//! ```text
//! bytes ─ text ─▶ UTF-8 ─ records ─▶ records of CSV ─ csv_rows ──▶ rows
//!                       ├────────────────────────── json_rows ─┤
//!                       └────────────────────────── card_rows ─┘
//! ```
//!
//! A file is read twice: errors that make it unusable as a whole, such as a stray quote, are found before anything is
//! sent. A stream can be read only once, so reading stops at the error, and no row after it is used.
//!
//! Depends on `column`, `format` and `input`, and on the journal for the rows to skip. Begin with [`Rows`].

mod arguments;
mod card_rows;
mod csv_rows;
mod dialect;
mod error_message;
mod header;
mod json_fields;
mod json_rows;
mod raw_row;
mod records;
mod row;
mod rows;
mod source;
#[cfg(test)]
mod tests;
mod text;
mod text_file;

use super::Columns;
pub(super) use arguments::Form;
pub(crate) use arguments::ReadArguments;
pub(super) use card_rows::write_rejected;
pub(super) use json_fields::JsonFields;
pub(super) use json_rows::JsonRows;
pub(crate) use raw_row::RawRow;
pub(super) use row::Row;
pub(super) use rows::Rows;
pub(super) use source::RowSource;
