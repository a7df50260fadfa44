"""What the customers of the demo shop write about, and what its people answer."""

PEOPLE = (
    "Ada Lindqvist", "Bo Hansen", "Carla Mendes", "Daniel Okafor", "Elif Yıldız", "Farid Rahimi", "Grace Tan", "Hannah Vogel",
    "Ibrahim Diallo", "Julia Novák", "Kenji Mori", "Lucía Fernández", "Marek Kowalski", "Nadia Haddad", "Oskar Lindholm", "Priya Nair",
    "Quentin Dubois", "Rosa Bianchi", "Samuel Cohen", "Tereza Svobodová", "Umar Siddiqui", "Vera Petrova", "William Osei", "Ximena Rojas",
    "Yusuf Demir", "Zoë Janssens", "Anton Berg", "Beatriz Costa", "Chen Wei", "Dilnoza Karimova", "Emil Sørensen", "Fatou Ndiaye",
    "Georgios Pappas", "Hilde Bakken", "Ines Moreau", "Jakub Wójcik", "Kavita Sharma", "Liam O’Brien", "Mei-Ling Hsu", "Noor van Dijk",
    "Olena Shevchenko", "Pedro Alves", "Ronja Virtanen", "Stefan Keller", "Thi Mai Pham", "Ursula Brandt", "Viktor Horváth", "Wanjiku Kamau",
    "Yara Suleiman", "Zanele Dlamini", "Amir Hosseini", "Birgit Maier", "Diego Torres", "Freya Nilsen", "Hugo Lambert", "Ioana Popescu",
    "Karim Benali", "Leila Mansouri", "Mateusz Zieliński", "Sunita Rao",
)  # fmt: skip

# Each dialogue: (who, words), c for the customer and u for us; the last line tells whether an answer is due.
DIALOGUES: tuple[tuple[tuple[str, str], ...], ...] = (
    (("c", "Hi! Is the Trail 29 back in stock in size M?"), ("u", "Hello! Yes, three arrived this morning. Shall I put one aside for you?"), ("c", "Yes please, I can come on Saturday")),
    (("c", "My order 48213 still says *preparing*. I paid five days ago."), ("u", "I am sorry about that. The carrier picks it up tonight; you get the tracking link by e-mail."), ("c", "Thank you, that helps"), ("u", "You are welcome. Have a good ride!")),
    (("c", "Do you ship to Portugal?"),),
    (("c", "The front light I bought does not charge any more, it is four months old"), ("u", "That is covered by the warranty. Could you send us a photo of the charging port?"), ("c", "Sure, one moment")),
    (("c", "How much is a full service for an e-bike?"), ("u", "89 € with brakes, gears and a software check. Parts are extra and we call you before we order any."), ("c", "Great. Do you have time next week?"), ("u", "Tuesday or Thursday morning. Which one suits you?")),
    (("c", "Which lock would you recommend for a bike that stays outside at night?"), ("u", "A **Gold**-rated U-lock plus a cable for the front wheel. This pair is our favourite: https://shop.example/locks/duo"), ("c", "Ordered, thanks!")),
    (("c", "Can I still change the delivery address of order 50177?"), ("u", "Yes, until 16:00 today. What is the new address?"), ("c", "Hauptstraße 12, 10827 Berlin")),
    (("c", "Your opening hours online say 19:00 but the door was locked at 18:40"), ("u", "I am really sorry. We closed early for stocktaking and forgot to put it online. Your next inner tube is on us."), ("c", "Ha, deal")),
    (("c", "is the kids helmet ok for a head of 51 cm"),),
    (("c", "I want to return the jacket, it is too small. What do I have to do?"), ("u", "No problem. Put it in the bag it came in with this label: https://shop.example/returns. A larger size can go out today."), ("c", "Size L then please")),
    (("c", "Do you rent cargo bikes at the weekend?"), ("u", "We do: 45 € a day, helmet included."), ("c", "And is there a deposit?"), ("u", "100 €, back when the bike is."), ("c", "Perfect, I will book")),
    (("c", "There is a clicking noise from the bottom bracket since the service on Monday"), ("u", "Please bring it by any time, we look at it at once.")),
    (("c", "Could I get an invoice with our company name on it?"), ("u", "Of course. Please send me the name, the address and the VAT number."), ("c", "Kowalski Design, ul. Długa 4, 31-147 Kraków, PL6762461234"), ("u", "Done, it is in your mailbox.")),
    (("c", "Hello, does the voucher work for services too?"), ("u", "Yes, for everything in the shop and the workshop.")),
    (("c", "My tracking has not moved for three days :("),),
    (("c", "Which tyre pressure do you suggest for 40 mm gravel tyres? I weigh 82 kg"), ("u", "Start with 2.6 bar in front and 2.9 at the back, and go down a little on loose ground."), ("c", "Super, thank you so much"), ("u", "Any time!")),
)  # fmt: skip

COMMENTS = (
    "Regular customer since 2019, be generous.",
    "Waiting for the carrier, they call back before noon.",
    "Warranty case, receipt is in the files.",
)

CLOSINGS = (
    ("Product question", "Asked about stock and reserved a bike."),
    ("Delivery", "Order was late; tracking sent."),
    ("Warranty", "Light replaced under warranty."),
    ("Workshop", "Service appointment made."),
    ("Returns", "Label sent, larger size shipped."),
)
