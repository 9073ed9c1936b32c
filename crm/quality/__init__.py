"""How complete and how right records are: checks, the filters that keep the rows behind each, and their figures."""
