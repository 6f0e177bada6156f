from shop.kinds import plain

print(plain(2))
