use crate::failure::{Failure, Result};

/// The columns of a file, or the members of its objects.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Columns {
    /// What is used: each with its name, and others that it may be called.
    pub(crate) used: &'static [&'static [&'static str]],
    /// What has to be there, by name.
    pub(crate) required: &'static [&'static str],
    /// What is known and not used.
    pub(crate) ignored: &'static [&'static str],
}

/// What one row says, in the order of the columns that are used.
#[derive(Debug)]
pub(crate) struct Fields {
    columns: Columns,
    values: Vec<Option<String>>,
}

impl Columns {
    /// Which of the used columns a name stands for; none if it is passed over.
    pub(super) fn find(&self, name: &str, ignore_unknown: bool) -> Result<Option<usize>, String> {
        let used = self.used.iter().position(|names| names.contains(&name));
        if used.is_some() || ignore_unknown || self.ignored.contains(&name) {
            return Ok(used);
        }
        let names = || self.used.iter().flat_map(|names| names.iter().copied());
        let near = names()
            .map(|known| (strsim::damerau_levenshtein(known, &name.to_lowercase()), known))
            .min()
            .filter(|(distance, known)| *distance <= known.len() / 3)
            .map(|(_, known)| format!("is it {known:?}? "))
            .unwrap_or_default();
        let known = names().collect::<Vec<_>>().join(", ");
        Err(format!("column {name:?} is not known; {near}there is {known}"))
    }

    /// That what has to be there is among the columns of a file.
    pub(super) fn complete(&self, header: &[Option<usize>]) -> Result<(), String> {
        match self.required.iter().find(|name| !header.iter().flatten().any(|at| self.used[*at][0] == **name)) {
            Some(missing) => Err(format!("there is no column {}", self.called(missing))),
            None => Ok(()),
        }
    }

    /// A name with others for the same.
    fn called(&self, name: &str) -> String {
        let names = self.used.iter().find(|names| names[0] == name).copied().unwrap_or_default();
        names.iter().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(" or ")
    }
}

impl Fields {
    pub(super) fn new(columns: Columns) -> Self {
        Self { columns, values: vec![None; columns.used.len()] }
    }

    /// Sets a value. An empty one is none, as CSV cannot tell them apart.
    pub(super) fn set(&mut self, at: usize, value: String) -> Result<(), String> {
        match self.values[at].replace(value) {
            Some(_) => Err(format!("there is more than one {}", self.columns.called(self.columns.used[at][0]))),
            None => Ok(()),
        }
    }

    /// That what has to be there is.
    pub(super) fn complete(mut self) -> Result<Self, String> {
        for value in &mut self.values {
            value.take_if(|value| value.is_empty());
        }
        let is_missing =
            |name: &&&str| !self.columns.used.iter().zip(&self.values).any(|(n, v)| n[0] == **name && v.is_some());
        match self.columns.required.iter().find(is_missing) {
            Some(missing) => Err(format!("there is no {}", self.columns.called(missing))),
            None => Ok(self),
        }
    }

    /// Takes a value out, by the name of its column.
    pub(crate) fn take(&mut self, name: &str) -> Option<String> {
        let at = self.columns.used.iter().position(|names| names[0] == name)?;
        self.values[at].take()
    }

    /// Takes out a value that has to be there.
    pub(crate) fn require(&mut self, name: &str) -> Result<String> {
        self.take(name).ok_or_else(|| Failure::local(format!("a row without {name:?} was not refused")))
    }
}
