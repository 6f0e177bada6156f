module initials

go 1.20
