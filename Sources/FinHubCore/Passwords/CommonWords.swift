/// Words that passwords are made of again and again; a list of our own, for no set-up fetches one.
enum CommonWords {
    /// As ``PasswordComposition/fold(_:)`` makes them.
    static let folded = Set(list.split(whereSeparator: \.isWhitespace).map { PasswordComposition.fold($0) })

    private static let list = """
        password passwort passwd pass passcode passphrase parola parole contrasena motdepasse kennwort senha heslo
        secret geheim secure security safe private login logon signin access account admin administrator root super
        superuser user username guest test tester testing demo sample example default change changeme changeit letme
        letmein openup open sesame welcome willkommen bienvenue hello hallo hola bonjour ciao goodbye please thanks
        master service server system manager office company business finance bank banking money cash dollar euro
        credit invest trade payment customer client support help helpdesk portal cloud data database network internet
        computer laptop windows linux apple android google facebook twitter instagram youtube amazon microsoft oracle
        docker kubernetes swift python java script code coder hacker crypto bitcoin token session key keys lock
        qwerty qwertz azerty asdf asdfgh zxcv zxcvbn qazwsx wasd abcd abcdef
        love iloveyou lovely lover loveme loveyou forever always never honey sweet sweety sweetheart darling baby babe
        babygirl babyboy angel princess prince queen king girl girls boys friend friends bestfriend family mother
        father mama papa mommy daddy sister brother happy smile lucky luck dream peace hope faith grace god jesus
        christ heaven devil demon satan lord bless
        monkey dragon tiger lion eagle panther wolf bear shark falcon hawk phoenix unicorn horse dog doggy puppy cat
        kitty kitten bunny rabbit mouse chicken turtle dolphin butterfly spider snake fish bird cookie chocolate cheese
        banana orange cherry peach pepper ginger coffee pizza sugar candy butter
        summer winter spring autumn monday tuesday wednesday thursday friday saturday sunday january february march
        april june july august september october november december season today tomorrow morning night sunshine
        sunset moon moonlight star stars starlight rainbow rain snow storm thunder lightning fire water earth ocean
        river mountain forest garden flower flowers rose lily daisy jasmine violet
        red blue green yellow black white silver golden gold purple pink brown diamond crystal pearl ruby
        football soccer baseball basketball hockey tennis golf cricket racing player champion winner liverpool chelsea
        arsenal barcelona madrid juventus milan bayern united rangers yankees lakers cowboys steelers eagles raiders
        batman superman spiderman ironman joker starwars jedi yoda vader skywalker matrix pokemon pikachu naruto mario
        zelda minecraft fortnite warcraft gandalf frodo potter harry merlin wizard magic ninja samurai pirate warrior
        knight hunter killer shadow ghost rocket turbo power
        michael michelle daniel david robert john james william thomas andrew andrea charlie george joseph joshua
        jordan justin matthew anthony richard martin peter paul mark steven kevin brian jason eric alex alexander
        jessica jennifer ashley amanda nicole sarah hannah sophie sophia emma olivia emily anna maria laura julia
        elizabeth victoria charlotte isabella samantha melissa stephanie patricia barbara susan linda karen lisa
        america england london paris berlin vienna sydney canada france germany italy spain mexico brazil russia
        china japan india africa europe texas california newyork chicago boston dallas florida
        music guitar piano metal rock singer dance dancer party beer wine vodka whisky smoke poker casino jackpot
        game games gamer mustang ferrari porsche mercedes corvette harley yamaha honda toyota camaro
        freedom liberty justice trust trustno1 truth victory glory honor legend hero matrix nothing something
        anything everything whatever yourself your mine the and you who what this that for not with from
        one two three four five six seven eight nine ten hundred thousand million first second third
        """
}
