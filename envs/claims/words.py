"""The English words that the referee understands in a message: the symbol for each, then its phrases.

English and Chinese (`words_zh.py`) share the symbols, so that one grammar reads both, even within one sentence. The
longest phrase wins. A word that isn't here is read as `w`, something unknown; what is said of it is not judged.
"""

from __future__ import annotations

GUARDS = """
hyp: in shogi | in checkers | in draughts | in xiangqi | in chinese chess | in crazyhouse | in bughouse | in antichess | in atomic chess
w: like in checkers | as in checkers | like in crazyhouse | as in crazyhouse | as in shogi | like in shogi | as in bughouse | like in bughouse | as in xiangqi | like in xiangqi
hyp: would | could | might | assume | assuming
joke: suppose | supposing | imagine | imagining | pretend | let there be | if only | picture a world
soft: i think | i believe | i guess | i suppose | i feel | i am afraid you have | i fear
hyp: maybe | perhaps | probably | possibly | presumably | seems | seem | seemed | looks like | appears | apparently
hyp: as if | as though | hypothetically | hypothetical
hyp: i hope | i wish | i wonder | i bet | wish | hope | hopefully | doubt | not sure | whether
otherwise: otherwise
hyp: were it | were to | had i | had you | had white | had black | what about | likely
hyp: unlikely | guess | dream | dreamt | dreamed | what happens | potentially | supposedly | allegedly | rumour | rumor
hyp: story | fairy tale | lest | ideally | i am told | in my dreams | assumed | wondering | think | thinks
hyp: believe | believes | believed | let us say | fantasy | fictional | feels like | depends
cond: if | unless | in case | as long as | provided | provided that | so long as | only if | on condition that
link: no worries mate | thanks mate | hey mate | hi mate | sorry mate | good game mate | nice one mate | well played mate
link: cheers mate | oi mate | come on mate | hello mate | good luck mate | nice move mate | good move mate | my mate
joke: just kidding | kidding | jk | joke | jokes | joking | joked
laugh: lol | haha | hahaha | rofl | lmao | hehe
said: insisting | keeps insisting | keeps saying | keeps telling | said | says | say | saying | claim | claims | claiming | claimed that | you claimed | told | tells | tell | wrote
said: writes | heard | argue | argues | argued | according to you | so called | insist | insists | insisted | thought
said: call it | calling it | ask | asks | asked | reply | replied | repeat after me | mentioned | suggested | suggests
said: convince | convinced | read that | hear | hears | quote | teach | taught | explained | he claimed | she claimed
deny: not true | untrue | a lie | lies | a myth | myth | deny | nonsense | false | incorrect | mistaken | fake | bogus
deny: invented | made up | imaginary | not correct | hallucinated | hallucination | hallucinating | no such | nobody says
deny: misconception | contrary to | never said | not the case | no evidence
instead: instead of | rather than | instead
neg: not | no | never | none | nobody | neither | nor | without | hardly | barely | nothing | scarcely | rarely | refuse
neg: refuses | fails to | failed to | unable to | far from | anything but | lack | lacks | isn't | stop pretending
fut: will | shall | going to | about to | soon | next move | next moves | next turn | gonna | plan to | plan | plans
fut: planning | want | wants | wanted | trying to | try | tries | hoping | threaten to | threatens to | threatening to
fut: in the future | tomorrow | eventually | let me | let us | should | ought | almost | nearly | close to | aim | aims
fut: on the verge of | ready to | prepare | preparing | intend | intends | wait for | in order to | so as to | avoid
fut: expect | expects | expecting | like to | next year | next month | next week | proposed | propose | proposes
fut: considering | look for | looking for | looking forward | watch out for | careful | afraid | worried | beware | to avoid
fut: practically | virtually | coming | prevent | prevents | dare
past: was | were | had | used to | earlier | previously | last move | formerly | a moment ago | used
when: while | when | whenever | once | after | until | till | before | as soon as | the moment | every time | following
fill: then | theoretically | in theory | from then on | then and there | there and then
link: do not even think about it | do not think about it | do not even think of it | do not even try | i wish more people knew that | i wish more people knew
link: i wish people knew that | few people know that | you would be surprised how few people know it | as i tell my students | as i always tell my students
link: as i say | as they say | as the saying goes | i tell my students that | i always say | as my coach says | as my teacher used to say | contrary to popular belief
link: the fact remains that | i can assure you | i assure you | i promise you | believe you me | make no mistake | needless to say | lest you forget
w: without asking | without permission | without asking anyone | without penalty | without warning | without consequences
link: i would like to remind you that | i would like to point out that | i would like to note that | i would like to inform you that | allow me to remind you that | i must inform you that
link: i must remind you that | let me inform you that | it should be mentioned that | may i remind you that | allow me to point out that | i have to inform you that | i want to remind you that | i want to point out that
"""

FRAMES = """
new: new | updated | revised | amended | modified | newly | newest | brand new | recent | altered | reformed | recently
latest: latest
special: special | house | secret | custom | hidden | exceptional | emergency | bonus | little known | unwritten | obscure
rule: rule | rules | law | laws | regulation | regulations | ruleset | rulebook | rule book | handbook | laws of chess
rule: restriction | restrictions | limitation | ordinance | decree | charter | code of conduct | mercy clause | the book | federation rules | by laws
rule: regs | bylaw | bylaws | directive | provision | ruling | rule set | protocol | policy | edict
rule: rules of chess | chess rules | chess laws | rules of the game | laws of the game | statute | clause | guidelines
article: article | section | paragraph
newrule: rule change | rule changes | rule update | rules update | rule amendment | latest patch | new patch | new edition
newrule: rulebook update | since the update | since the last congress | since the last update | since the rule change
variant: variant | version of chess | variant of chess | game mode | chess variant | version of the game
fide: federation | my federation | our federation | governing body | technical commission | congress | the congress | my club | the club | the league | rules commission
fide: fide | chess federation | world chess federation | international chess federation | the federation | uscf
fide: rules committee | chess committee
referee: referee | arbiter | ref | umpire | arbiters | organizers | organisers | organizer | organiser
change: change | changes | changed | changing | update | updates | introduce | introduces | introduced | adopted | adopts
change: approve | approved | approves | revise | amend | amends | amendment | amendments | modify | modifies | announced
change: announces | rewrote | rewritten | overhauled | revision | published | ratified
change: reduced | shortened | extended | lengthened | replaced with a | cut down | lowered | raised | enacted | issued | rolled out | released | confirmed | ruled | decreed | announced | added | adds | passed a | legalized | legalised | recently made
inforce: as of this month | as of this year | effective immediately | effective today | from this month | starting this month
inforce: starting this year | this year onwards | since the update came out | with immediate effect | as of this season
inforce: from this year on | as from this year | since this spring | this season | since july | from july | made official | was made official | effective this year
inforce: it is official | it is now official | now official
inforce: since spring | since summer | voted in | voted through | signed off | in effect | in force | took effect | takes effect | came into force | comes into force | from now on
inforce: as of today | as of now | starting now | starting today | starting this turn | from this move on | since today
inforce: since this year | since last year | since last month | since january | since this season | since the new season
inforce: as of this move | just dropped | enabled | activated | active
per: according to | under | per | as per | following the | thanks to | in accordance with | pursuant to | in line with
per: due to | because of | based on | as stated in | as allowed by | permitted by | allowed by | as described in
allow: allow | allows | allowing | let | lets | permit | permits | enable | enables | grants | grant | give | gives
allow: authorizes | authorises | entitle | entitles | makes it legal for
rule: code | modern code | annex | appendix | standard procedure | rules commission | official document
inforce: became legal | was legalised | was legalized | has been legalised | has been legalized
variant: this version | in this version | in this variant | this variant | in this format
"""

GRAMMAR = """
can: one may | one can | can | may | is allowed to | are allowed to | am allowed to | is permitted to | are permitted to | get to | gets to
can: is able to | are able to | am able to | allowed to | permitted to | able to | has the right to | have the right to
can: is entitled to | are entitled to | entitled to | free to | is free to | are free to | has permission to
can: have permission to | have the option to | has the option to | has the ability to | have the ability to
can: is capable of | are capable of | has the power to | have the power to | the right to | the ability to
can: permission to | are legally allowed to | is legally allowed to | gain the ability to | gains the ability to
can: have the option of | has the option of | am permitted to | is eligible to | are eligible to
must: must | have to | has to | is required to | are required to | is obliged to | are obliged to | need to | needs to
must: is forced to | are forced to | obliged to | required to | forced to | got to | has got to | is obligated to
must: are obligated to
be: is | are | am | be | being | been | remains | stays | becomes | stands | sits | counts as | count as
be: is considered | are considered | is treated as | has been | have been | means | mean | is called | equals | considered
be: treated as | counted as | regarded as | is declared | are declared | is scored as | results in | ends in | leads to
be: now counts as | rests | stood | constitutes | represents | makes it | looks
has: has | have | possess | possesses | owns | got | keep | keeps | hold | holds | retain | retains
to: to | against
for: for
than: than
of: of
by: by
in: in
on: on | at | placed on | located on | posted on | standing on | sitting on | stationed on | on the square | parked on
from: from | out of
with: with | using | via
and: and | & | plus | as well as | or | along with | together with
but: but | however | although | though | yet | whereas | so | therefore | thus | hence | which means | meaning
but: which | who | whose | even though | since | except | and so | as a result | consequently | where
why: because | the reason being | after all | which is why | and that is why
that: that
this: this | it | these | those | there
w: even if nobody says a word | even if nobody says anything | even if nobody claims it | even if no one claims it | even without a claim
w: whether or not | in reply | no claim needed | no claim is needed | without a claim | no questions asked | no matter what
link: it is worth remembering that | worth remembering that | it is worth noting that | it is worth knowing that | it is a fact that | it is true that
link: it should be noted that | it goes without saying that | it is important to note that | as we all know | of course | quick reminder | friendly reminder
link: see that | note that | notice that | remember that | remember | note | notice | keep in mind that | look | observe
link: as you can see | as you know | you know | you know that | i see | i see that | i remind you that | be aware that
link: aware that | please note that | mind you | it is a fact that | the fact is that | let me tell you | by the way
link: btw | of course | sure | sorry | i am afraid | good news | bad news | unfortunately | fortunately | luckily | sadly
link: alas | as a reminder | reminder | just a reminder | let me remind you that | fyi | for your information | in fact
link: in chess | in standard chess | in classical chess | in normal chess | in regular chess | in this game | in this match
link: in the current position | at this point | in our game
link: under standard rules | everyone knows that | everybody knows that | it is well known that | trust me | believe me
link: no doubt | without a doubt | there is no doubt that | thank you | thanks | not bad | nice try | good move
link: nice move | well played | i must say | guess what | i am sure | i am sure that | i am certain | i am certain that
link: hello | hi | hey | my friend | dear opponent | no problem | surprise | rest assured | you should know that
link: you should know | for the record | to be clear | clearly | admittedly | in other words | just so you know | in short
link: believe it or not | do not forget that | do not forget | do not worry | i know | i know that | did you know that
link: as always | as usual | no worries | unlucky | congratulations | good game | gg | behold | yes | no matter
now: for the moment | this turn | on the board | now | currently | right now | here | at the moment | in this position | this move | at this moment
fill:  already | just | really | obviously | also | actually | indeed | completely | totally | even | well
fill: absolutely | simply | oh | sir | please | still | too | very | quite | again | fully
fill: perfectly | truly | plainly | simultaneously | at the same time | finally | in addition | moreover | furthermore
fill: officially | legally | freely | normally | usually | always | of mine | of yours | left | remaining | ah | today
fill: this time | as well | definitely | certainly | undoubtedly | hereby | safely | presently | happily | strictly | poor
fill: these days | nowadays | mighty | beautiful | brave | little | dear | precious | good | nice | old | powerful
fill: strong | proud | trusty | firmly | nicely | badly | literally | together | all alone | exactly
fill: precisely | technically | entirely | clearly now | mere | lonely | lone | humble
det: official | current | actual | whole | full | entire | clean | a | an | the | any | every | each | all | some | either | one of | another | such a | all of | most | ordinary
det: normal | regular | single | certain | own
same: same | identical
can: is free to | are free to | is welcome to | are welcome to | is at liberty to | are at liberty to | it is okay to | it is ok to | it is fine to
can: it is legal to | it is perfectly legal to | it is allowed to | it is permitted to | is within its rights to | are within their rights to
must: can only ever be | can only be | can only ever
needs: only counts if | counts only if | only counts when | counts only when | is only valid if | is valid only if | is only valid when | only stands if
needs: must be delivered by | only counts with | does not count unless | do not count unless | is not valid unless | only works if | only works with
w: nobody has to claim anything | nobody has to claim it | nobody needs to claim anything | nobody needs to claim it | no one has to claim anything
w: without anyone claiming | without anybody claiming | no one needs to claim it | there is nothing to claim | nobody need claim anything
must: obliges | oblige | requires | require | forces | force | compels | compel | obligates | is bound to | are bound to
has: to own | owning | to have | having
must: are needed | is needed | are necessary | is necessary
can: nothing in the rules stops | nothing in the rules prevents | nothing in the rules forbids | within my rights to | within your rights to | within their rights to
can: perfectly ok to | perfectly okay to | totally fine to | perfectly fine to | perfectly legal to | ok to | fine to | okay to
"""

FACTS = """
openfile: wide open | completely open | fully open | an open file
halfopen: half open | semi open
empty: empty | unoccupied | vacant
occupied: occupied
intact: intact | still there | still intact
gone: gone | forfeited
check: being checked | checked | check | in check | into check | under check
givecheck: is giving check | am giving check | are giving check | is checking | am checking | are checking | givecheck | checks | checking | giving check | gives check | give check | with check | with a check | delivers check | gives a check
discovered: discovered attack | discovered attacks | discovered checks | discovered check | a discovered check
double: double check | a double check
checkmate: checkmate | mate | checkmated | mated | check mate | in checkmate | checkmates | mates
stale: stalemate | stalemated | in stalemate
pinned: pinned | in a pin | pinned down | absolutely pinned
pin: pin | pins | pinning
attack: controls | control | controlling | attack | attacks | attacking | threaten | threatens | threatening | hit | hits | hitting | targets | targeting
attacked: controlled | being attacked | attacked | under attack | under fire | threatened
defend: defend | defends | defending | protect | protects | protecting | guard | guards | guarding | cover | covers
defend: covering | supports | support | supporting | defence | defense | protection
defended: covered | has a defender | has defenders | defended | protected | guarded | well defended | well protected | supported
undefended: undefended | unprotected | unguarded | loose | without protection | has no protection | has no defenders
undefended: without any protection | has no defender | defenceless | defenseless | without defence | without a defender
hanging: hanging | hangs | en prise | up for grabs
fork: fork | forks | forking
forked: forked
castle: castle | castling | castles | castled
castleright: the right to castle on either side | castling right | castling rights | right to castle | rights to castle | the right to castle
short: kingside | king side | short | king's side
long: queenside | queen side | long | queen's side
ep: en passant | in passing
repeat: repetition | repeated | repetitions | repeat | repeats | repeating | occurred | appeared | occurs | arisen
threefold: third occurrence | third appearance | threefold | three fold | three times | third time | thrice
fivefold: fifth occurrence | fifth appearance | fivefold | five fold | five times | fifth time
twofold: twofold | two fold | second time
fourfold: fourfold | four fold | four times | fourth time
position: position | game | match | this game | this position | endgame | ending
legal: legal | allowed | permitted | valid | lawful | permissible | real | exists | exist | is okay | are okay | perfectly okay
legal: a thing | part of the rules | part of chess | within the rules | fair game | acceptable | perfectly legal
possible: possible | available | on the cards | an option
illegal: breaks the rules | break the rules | violates the rules
illegal: forbid | forbids | prohibit | prohibits | ban | bans | outlaw | outlaws | bar | bars | disallow | disallows
illegal: removed from the rulebook | removed from the laws | removed from the rules | struck from the laws | struck from the rules | struck from the rulebook | taken out of the rules
illegal: taken out of the laws | deleted from the rules | dropped from the rules | dropped from the laws | a thing of the past | no longer exists | no longer applies | no longer valid
illegal: no longer a thing | got rid of | axed | cancelled | canceled | abandoned | repealed | revoked | been removed | was removed | were removed | retired | discontinued
illegal: illegal | forbidden | prohibited | banned | against the rules | unlawful | outlawed | abolished | scrapped
illegal: removed from the rules | done away with | disallowed | suspended | invalid | not allowed by the rules
nolonger: no longer | not anymore | not any longer
onlymove: only legal move | only move | sole legal move | only legal reply | single legal move | one legal move
onlymove: only possible move | only available move | only legal response
legalmoves: legal moves | possible moves | available moves | legal replies
nomoves: no legal moves | no legal move
move: move | moves | moving | go | goes | travel | travels | step | steps | advance | advances | slide | slides | stepping
move: advancing | sliding | march | marches | movement
moved: moved | has moved | have moved | has already moved | have already moved | having moved
capture: capture | captures | capturing | take | takes | taking | eat | eats | eating
captured: captured | taken | off the board | lost earlier | eaten | killed | fallen | removed
lost: loss | a loss | forfeit | forfeits | defeat | lost | losing | lose | loses | hopeless | doomed | defeated | resignable
dead: dead
win: full point | the full point | the whole point | takes the point | gets the point | the winner | declared the winner | victor
win: win | wins | winning | won | victory | victorious
perpetual: perpetual check | perpetual | perpetual checks
draw: draw | drawn | tie | tied | draws | dead draw | theoretical draw | dead drawn | theoretically drawn | half a point
equal: equal | is even | are even | level | balanced | dead even
material: material | materially | the material | material count | material balance
up: the material edge | material edge | material advantage | a material advantage
up: up | ahead | ahead by | up by | more | extra
down: down | behind | behind by | down by | fewer | less
exchange: the exchange | an exchange
resign: resign | resigning | give up | surrender | throw in the towel
cannotwin: can not win | no way to win | can no longer win | can never win | no winning chances | no chance of winning
cannotwin: no chance to win
cannotlose: can not lose | can never lose | can no longer lose
unstoppable: unstoppable | can not be stopped | can no longer be stopped | can not stop | no way to stop | can never stop
unstoppable: nothing can stop | nobody can stop | no one can stop | impossible to stop | can not be caught | nothing stops
unstoppable: no piece can stop | can never be stopped | can not catch | can not be halted | no stopping
passed: passed | passer
isolated: isolated
doubled: doubled
only: only | solely
material_pair: bishop pair | pair of bishops
legal: is fine | are fine | is okay | is ok | are ok | perfectly fine | totally fine | absolutely fine | is all right | is alright | perfectly proper | is proper | legit | kosher | in order | above board
legal: is no problem | are no problem | is not a problem | does not matter | do not matter | is irrelevant | is allowable | sanctioned | authorised | authorized
legal: does not cost you | does not cost | does not lose you | does not forfeit
legal: does not prevent | do not prevent | does not stop | does not affect | do not affect | has no bearing on | does not rule out
illegal: ceases to be permitted | ceases to be legal | ceases to be allowed | switched off | turned off | disabled
illegal: void | null and void | annulled | off limits | out of the question | taboo | a foul | an offence | an offense | a violation | penalised | penalized | punishable
illegal: does not count | do not count | off the table | a no no | impermissible | stripped | voided | not a thing | nullified | worthless
gone: gone for good | over and done with | history
expire: expire | expires | expired | lapse | lapses | run out | runs out | run out after | times out | become void after | timed out
attack: hit by | eyes | eyeing
capture: grab | grabs | grabbing | snatch | snatches | gobble up | gobbles up | scoop up | swallow | swallows | snap up
move: shift | shifts | crawl | crawls | walk | walks | walking | shuffle | shuffles | run | runs
ends: is finished | terminates | over on the spot
"""

PIECES = {
    "pawn": 1, "pawns": 1, "knight": 2, "knights": 2, "bishop": 3, "bishops": 3, "rook": 4, "rooks": 4, "queen": 5,
    "queens": 5, "king": 6, "kings": 6, "piece": 0, "pieces": 0, "man": 0, "men": 0, "horse": 2, "horses": 2,
}  # fmt: skip
NUMBERS = {
    "one": 1, "two": 2, "both": 2, "several": 2, "multiple": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12,
    "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "tenth": 10, "twelfth": 12, "fifteenth": 15, "twentieth": 20, "thirtieth": 30, "fortieth": 40, "fiftieth": 50, "seventy": 70, "hundred": 100,
}  # fmt: skip
RANKS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "last": 0,
    "final": 0, "back": 0, "furthest": 0, "farthest": 0, "far": 0, "promotion": 0, "1st": 1, "2nd": 2, "7th": 7,
}  # fmt: skip
SIDES = {
    "i": "me", "me": "me", "my": "me", "mine": "me", "you": "you", "your": "you", "yours": "you", "opponent": "you",
    "white": "white", "black": "black", "player": "player", "players": "player", "he": "third", "she": "third",
    "they": "third", "his": "third", "her": "third", "their": "third", "its": "third", "we": "we", "our": "we",
    "everyone": "player", "anyone": "player", "u": "you", "ur": "you", "us": "we", "side": "player", "whoever": "player",
}  # fmt: skip
POSSESSIVE = frozenset("my your mine yours ur his her their its our".split())
CONTRACTIONS = {
    "can't": ("can", "not"), "won't": ("will", "not"), "cannot": ("can", "not"), "let's": ("let", "us"),
    "ain't": ("is", "not"), "cant": ("can", "not"), "dont": ("do", "not"), "isnt": ("is", "not"), "im": ("i", "am"),
    "youre": ("you", "are"), "doesnt": ("does", "not"), "shan't": ("shall", "not"),
}  # fmt: skip
ENDINGS = {"'re": "are", "'m": "am", "'ve": "have", "'ll": "will", "'d": "would", "'s": "'s"}
