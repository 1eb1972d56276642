"""kubmap: news teasers of Krasnodar Krai become dated, honestly located records on a map."""
