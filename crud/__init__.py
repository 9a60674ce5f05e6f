"""The kit: every page that every kind of row has, from one declaration.

    COMPANIES = ModelViewSet(Company, "companies", fields=("name", "city"), columns=("name", "city"))

makes the list with search, filters, sorting, paging and export, the plus that opens a row in
place, the page of one row, the forms to add and change it, deletion of one or many, their
routes, names and permissions. The kit knows no workspace and no CRM: which rows there are, the
model's manager says; who may, `user.has_perm`.
"""
