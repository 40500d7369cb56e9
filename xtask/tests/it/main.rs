//! Integration tests of xtask, in one binary so that they link once.
//!
//! ```text
//! blocking       the blocking forms follow from the sources of `kandy`
//! regenerate     the generated files follow from the spec
//! rejected       forms of the spec that the generator does not support
//! spec_examples  examples that do not fit their schemas
//! locations      errors name the chapter and the line
//! coverage       openapi/COVERAGE.md
//! layers         the imports between modules
//! mutants        the areas and the accepted survivors of mutation tests
//! command        the command line
//! checkouts      one binary in several clones
//! rust_version   the stated Rust version
//! support        the spec, to be changed in a test
//! ```

mod blocking;
mod checkouts;
mod command;
mod coverage;
mod layers;
mod locations;
mod mutants;
mod regenerate;
mod rejected;
mod rust_version;
mod spec_examples;
mod support;
