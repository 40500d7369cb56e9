//! The query of a request, in order. Depends on nothing.

use std::borrow::Cow;

/// A parameter: its name and its value, which is not encoded.
pub(crate) type Pair<'a> = (&'static str, Cow<'a, str>);

/// The parameters of a request.
///
/// The first has a field of its own, so that most operations need no `Vec` for the one that they have beside the access
/// token (`bench counts`, get).
#[derive(Clone, Default)]
pub(crate) struct Query<'a> {
    first: Option<Pair<'a>>,
    others: Vec<Pair<'a>>,
}

impl<'a> Query<'a> {
    pub(crate) fn push(&mut self, pair: Pair<'a>) {
        match self.first {
            None => self.first = Some(pair),
            Some(_) => self.others.push(pair),
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Pair<'a>> {
        self.first.iter().chain(&self.others)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    /// Copies what it borrows.
    pub(crate) fn into_owned(self) -> Query<'static> {
        let pairs = self.first.into_iter().chain(self.others);
        pairs.map(|(name, value)| (name, Cow::Owned(value.into_owned()))).collect()
    }
}

impl<'a> FromIterator<Pair<'a>> for Query<'a> {
    fn from_iter<I: IntoIterator<Item = Pair<'a>>>(pairs: I) -> Self {
        let mut query = Self::default();
        pairs.into_iter().for_each(|pair| query.push(pair));
        query
    }
}
