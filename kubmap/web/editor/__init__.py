"""Parts of the desk's page: components with their data, the map of a record, words and fields of the form."""
