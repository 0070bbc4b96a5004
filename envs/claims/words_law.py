"""The English words for what the Laws of Chess are about: as in `words.py`, the symbol for each, then its phrases.

Of a symbol that stands there too these are more words.
"""

from __future__ import annotations

LAW_WORDS = """
skip: free pass | free passes | a free move
centre: past the middle | past the centre | past the center | past the halfway line | over the centre line
magic: trade places | trades their places
insufficient: two bare kings | two lone kings
magic: bounce off | bounces off | bounce | bounces | turn a corner | turns a corner | zigzag | zigzags | around corners | around a corner
magic: change direction | changes direction | remote capture | ranged captures | ranged capture | capture from a distance
nomoves: with no moves | with no moves left | without a legal move | with no legal moves left
optional: may refuse to | can refuse to | may refuse
waschecked: have been in check earlier | have been in check before | have been in check | has been in check | has been in check earlier
twice: another go | another turn | another move
w: one another | each other
takeback: withdrawn | withdraw | withdraws | taken back
magic: veto | vetoes | fused | fuse into
illegal: impossible
besides: excepting | save for
nolonger: off the table
link: as a rule
nomoves: that can not move | who can not move | unable to move
promote: swapped for | be swapped for | traded for
threeways: three options | three ways | three choices | three possibilities
draw: half a point each | half point each | share the point | shares the point
w: shows up | show up | comes up | pops up
twice: hop again | hops again | to hop again
link: if you ask me
together: together as one move | move together | moves together | moved together | as a single move
anynumber: a whole file | a whole rank | the whole file | the whole rank | a whole diagonal | the whole diagonal | an entire file
flag: flag falls | flag fall | flag has fallen | time runs out | runs out of time | run out of time | loses on time | lose on time
removed: vanishes | vanish | disappears | disappear | disappeared
like: like | as | just like | exactly like | in the manner of | the way | the same way as | in the same way as
like: the powers of | the power of | has the moves of | in the style of | with the movement of | the moves of | mimic | mimics
like: the same as | resembling | the way that | same way as | similar to
jump: jump | jumps | jumping | leap | leaps | leaping | hop | hops | hopping | leapfrog | leapfrogs
over: over | across | past
back: step back | steps back | square back | squares back | backward | backwards | in reverse | retreat | retreats | back one square | rearward | back a square | retreating
sideways: sideways | horizontally | laterally | horizontal | lateral | to the side | left or right | to the left or right
forward: forward | forwards | straight ahead | in front | straight forward | directly in front
diag: diagonally | diagonal | diagonals | along diagonals
straight: in straight lines | in a straight line | ranks | orthogonally | vertically | straight lines | orthogonal | straight
straight: files | ranks and files | files and ranks | vertical | ranks or files
anydir: in any direction | any direction | all directions | in all directions | every direction
lshape: l shape | l shaped | in an l | an l | knight move | knight's move | knight style
square: square | squares | space | spaces
anynumber: as far as they want | as far as it wants | as far as you want | as far as they like | as far as it likes | as far as you like | as far as he likes | any number of | as many | unlimited | any distance | as far as
first: first | initial | starting | first move | home | original | start | starting square | home square | second rank
anytime: wherever you want | wherever it wants | wherever they want | wherever i want | any free square | any vacant square | any square it likes | wherever | wherever it likes | wherever he likes | wherever you like
anytime: any time | anytime | at any time | anywhere | any moment | at any moment | from anywhere | any square | at any point
anytime: at will | whenever they like | whenever you like | any empty square | later | any rank | several moves later
anytime: any move | any stage | any turn | whenever it wants | whenever it likes | at a later time | any later move | any time later
anytime: any point | every move | every turn | two moves later | three moves later | on any move | on any turn | any moment later
ownpiece: own piece | own pieces | own men | own pawn | own pawns | own rook | own rooks | friendly piece | friendly pieces
ownpiece: own knight | own bishop | own queen | own king | its own | same colour | same color | allied | friendly | own side
ownpiece: own army | own team
enemy: enemy | opposing | hostile | opponent's pieces | enemy pieces | enemy piece | opponent's piece
revive: revive | revives | revived | resurrect | resurrects | resurrected | respawn | respawns | reappear | reappears
revive: back to life | back on the board | return to the board | returns to the board | reborn | re enter | re enters
revive: reenter | reenters | return to play | returns to play | back into play | brought back | bring back | brings back
revive: reinstated | restored to the board | put back | placed back | back onto the board | reincarnate | reincarnates
revive: reintroduced | reintroduce | resurrection | reviving | bringing back | alive again | back in play | returned to play
revive: rise again | rises again | rise from the dead | rejoin | rejoins | back to the board | returned to the board
return: return | returns | come back | comes back | restore | restored | returned | restores | returning | go back | goes back
drop: drop | drops | dropped | place | placed | put | puts | parachute | dropping
skip: skip the next turn | skip one move | skip the opponent's turn | skip an opponent's turn | skip the opponent's next turn
skip: turn is skipped | turn is lost | turn is forfeited | turn is over | move is skipped | loses the move | lose the move | skip his next move
skip: skip a turn | skip your turn | skip my turn | skip their turn | pass a turn | pass your turn | pass my turn
skip: pass their turn | skip a move | skip your move | skip the turn | pass the turn | skip this turn | forfeit a turn
skip: forfeit your turn | lose a turn | lose your turn | loses a turn | miss a turn | miss your turn | sit out | skip turns
skip: skip your next turn | loses their turn | pass instead of moving | decline to move | pass the move | skipping a turn
skip: skipping your turn | passing a turn | passing your turn | passing the turn | skip their next turn | loses his turn
skip: lose their turn | skip one turn | forgo your turn | forgo a turn | make no move | null move | pass this turn
skip: skip his turn | skip its turn | skip my move | skip your next move | loses a move | forfeits a turn | skip their move
skip: pass turns | skips a turn | skips the turn | skip a go | pass on your turn | pass on their turn | passing their turn
pass: pass | skip | skips
twice: go again | goes again | a free turn | gets a free turn | twice | two moves | two times | move again | another move | extra move | extra turn | another turn | bonus move
twice: two turns | double move | second move | consecutive moves | moves in a row | two consecutive moves | free move
twice: three moves | bonus turn | additional move | additional turn | extra moves | double turn | go again | moves again
twice: play again | second turn | goes again | three times in a row | free turn
through: through | over attacked | pass through | passes through | passing through
between: pieces between | pieces in between | pieces in the way | occupied squares | pieces standing between | in between
stay: disregard | disregards | not have to respond to | ignored | stays | stay | leave | leaves | remain | ignore | ignores | ignoring | stand | staying | leaving
respond: respond | respond to | answer | answered | parried | parry | get out of | deal with | addressed | escape
respond: resolved | responded to | dealt with | respond immediately | met
adjacent: adjacent | next to each other | touch each other | side by side | next to | neighbouring | neighboring
promote: promote | promotes | promoting | promoted | promotion | turn into | turns into | become | transform into
promote: transforms into | upgrade to | convert into | upgraded to | converted into | change into | changes into
promote: exchanged for | replaced by | replaced with | promotions | turned into | transform | transformed into | upgrades to
underpromote: underpromotion | underpromote | underpromoting | under promote | under promotion | underpromoted
underpromote: underpromotions
touch: touch | touched | touches | touch move | touchmove | touching
takeback: take back | takes back | takeback | take backs | takebacks | undo | taken back | retract | take it back
takeback: taking back | undoing
mandatory: mandatory | compulsory | forced | obligatory | required | obligation
automatic: automatic | automatically
claimed: claim a draw | claimed | claim the draw | claim it | claim draw | ask for a draw
immediately: immediately | right away | on the very next move | on the next move | at once | immediate | very next move
immediately: directly after | straight away | instantly
announce: announced aloud | announced | announce | announcing | said aloud | declared aloud | called out | spoken aloud | out loud | aloud | say check | call check
limit: limited to | restricted to | at most | no more than | a maximum of | maximum | confined to | not more than | only up to
reset: goes back to zero | starts again from zero | starts over | starts from zero | back to zero | starts again | resets to zero | restarts
reset: reset | resets
points: points | point | score | scores
worth: worth
ends: ends | end | game over | is over | finishes | finished | ended | concludes | ends immediately
begin: begins | begin | starts | opens | moves first | goes first | move first | has the first move | plays first
begin: makes the first move | go first
agree: agreeing to a draw | agreeing | draws by agreement | agreement | agree | by agreement | agree to a draw
offer: draw offer | draw offers | offer a draw | offers a draw
accept: accept
insufficient: bare kings | king against king | king versus king | king vs king | only kings | only the two kings
insufficient: only the kings | just the two kings | insufficient | insufficient material | insufficient mating material | dead position
magic: share a square | occupy the same square | share the same square | stack | stacked | merges with | absorbs | absorb | fuse
magic: teleport | teleports | swap places | swap | swaps | explode | explodes | wrap around | wraps around | merge | clone
magic: duplicate | freeze | freezes | frozen | invisible | immune | invulnerable | immunity | invincible | teleporting
magic: swap positions | switch places | shoot | merges
chess960: chess960 | chess 960 | fischer random | fischerandom | freestyle chess | fischer random chess
halfmove: without capturing | without capturing anything | without taking
halfmove: with neither a capture nor a pawn move | with neither capture nor pawn move | with neither captures nor pawn moves
halfmove: neither a capture nor a pawn move | in which no pawn moves | without a capture | without capture | without captures | without any capture | without a pawn move | no capture
halfmove: no captures | no pawn move | no pawn moves | without pawn moves | halfmove clock | half move clock
halfmove: without any captures | without progress | no pawn moves or captures | without a capture or a pawn move
halfmove: without capture or pawn move | with no capture | with no captures | without captures or pawn moves
halfmove: without a capture or pawn move | without pawn moves or captures | without any capture or pawn move
halfmove: without pawn move or capture | without a pawn move or a capture | without a pawn move or capture
halfmove: with no captures or pawn moves | with no capture or pawn move | with no pawn move or capture
halfmove: with no pawn moves or captures | no captures or pawn moves | no capture or pawn move | no pawn move or capture
halfmove: with no capture and no pawn move | with no pawn move and no capture | since the last capture | fifty move count
halfmove: without any pawn move or capture | without either a capture or a pawn move | since the last capture or pawn move
halfmove: since the last pawn move or capture | since the last pawn move
centre: the centre | the center | centre | center | the middle of the board | the middle | central squares
reach: reach | reaches | reaching | arrives at | arrive at | arrives on | get to the | gets to the | reached
unmoved: have not moved | has not moved | neither has moved | neither piece has moved | never moved | has never moved
unmoved: neither the king nor the rook has moved | neither king nor rook has moved | neither of them has moved
unmoved: have never moved | has not yet moved | have not yet moved | neither have moved | unmoved | not been moved
unmoved: neither the king nor that rook has moved | neither the king nor the chosen rook has moved | not previously moved
doublestep: double step | double steps | two square advance | double move with | double push | double advance
optional: optional | voluntary | not mandatory | choose not to | chooses not to | decline to | declines to
turn: turn | turns | row
color: colour | color | square colour
uncastle: un castle | uncastle | un castles | uncastles | uncastling | un castling | undo castling | undo the castling | castle back | reverse castling | reverse the castling
anytime: whatever rank | whatever square | whichever rank | whichever square | from wherever | any stage | whenever it suits
recolor: change colour | change color | change colours | change colors | switch colour | switch color | change its colour | change its color
recolor: switch its colour | switch square colour | change square colour | switch to the other colour | change to the other colour
ep: as though it had only gone one | as if it had only gone one | as though it had moved one | as if it had moved one | as if it had only moved one | as though it had only moved one
ep: as if it had advanced one | as though it had advanced one | as if it had only advanced one | as if it had moved only one | as though it had moved only one | as though it only moved one | as if it only moved one
announce: warn | warns | warning | verbally | gardez | say gardez | say check | call out | calls out | say it aloud | voice | shout | shouts | declare check | declaring check
decide: decides | decide | chooses | choose | choice | picks | pick which | dictates | dictate | the choice of
ownpiece: self capture | self captures | self capturing | friendly capture | my own | your own | one 's own | their own
mustcapture: capture is compulsory | captures are compulsory | capturing is compulsory | capturing is mandatory | captures are mandatory | capture is mandatory | must capture if | must capture when | has to capture whenever | must take if | must take when | must take whenever | must capture whenever | have to capture if
mustcapture: obliged to take | obliged to capture | forced to capture | forced to take | required to capture | required to take
among: between the two | somewhere between | between both
immediately: the very next move | next move only | on the next move only | right after | there and then
adjacent: adjacent squares | adjoining | adjoining squares | neighbouring squares | neighboring squares | beside | right beside | shoulder to shoulder | in contact
magic: trading squares | trade squares | trades squares | trading places | trades places | exchange squares | swapping squares | swapping places
nocheck: gives no check | give no check | can not give check | can not check | gives no real check | does not give check | do not give check | can not deliver check | does not check | is no check | are no check
nocheck: gives no valid check | has no power to check | may not give check | not capable of giving check | loses the power to give check | unable to give check | incapable of giving check
touchrule: touch move is on | touch move applies | touch move holds | touch move is in force | touch it move it | touched is moved | touch means move
announce: nobody announced | not announced | unannounced | was not announced | nobody announced out loud | no one announced | without announcing it | silent
w: i e | e g
has: having
twice: second jump | second leap | second hop | jump again | jumps again | leap again | one more move | another jump | move a second time | moves a second time | play twice | plays twice
like: combines | combine | unites | combining
ends: and it 's over | and it is over | and that is it | and the game is over | then it is over
change: approved by the committee
ownside: swap colours | switch sides | swap sides | change sides | switch colours | swap colors | switch colors | trade sides
expose: expose | exposes | exposing | leave the king in check | leaves the king in check | leaving the king in check | leave your king in check | leaving your king in check | leaves its own king in check
enemy: of the opponent 's colour | of the opponent 's color | of the other colour | of the opposite colour | of the opposite color | of the other color
twice: one last move | a last move | one final move | a final move
mustcapture: have to take if you can | have to capture if you can | must take if you can | must capture if you can | have to take whenever you can
color: on the same colour | on the same color | on one colour | on one color | on squares of one colour | on squares of the same colour | on the same coloured squares | on their own colour | on its own colour
block: block | blocks | blocked | get blocked | gets blocked | be blocked | blocking | interpose | interposing
pass: passing
lshape: make knight moves | knight like
ep: as though it had advanced only one | as if it had advanced only one
alternate: alternate | alternately | take turns | takes turns | in turn alternately
besides: besides | apart from | aside from | in addition to | on top of
nojump: can no longer jump over | can not jump over | unable to jump over
waschecked: after being checked once | after one check | been in check before | been checked | having been in check | being checked once | after being checked | been in check once | already been in check | was in check earlier | been in check earlier | been in check | have been checked | been in check at any point
recolor: leave its colour | leaves its colour | leave their colour | leave its color | leave its own colour | leave its square colour | leave the colour
nomoves: runs out of legal moves | run out of legal moves | out of legal moves | has no legal moves | have no legal moves | has no legal move | have no legal move
pass: passes
moverule: move rule
takeback: change his mind | change your mind | change their mind | change her mind | changes his mind
return: bring | brings | bringing
announce: without saying gardez | without saying check | without announcing check | without announcing it | saying gardez
twice: two jumps | two leaps | two hops | an extra turn | an additional turn | a bonus move
traded: queens have been traded | queens are off | queens are off the board | queens are exchanged | queens have been exchanged | queens come off | queen trade | trading queens | queens were traded | queens are traded | queens are gone
takeback: take my last move back | take my move back | take the last move back | take that move back | take one move back | take a move back | take your last move back | take back a move | change a move
ignorecheck: ignore a check | ignore check | ignore checks | ignore the check | decline a check | decline the check | disregard a check | ignoring check | ignoring a check | leave a check unanswered | skip a check
removed: removed from the board | taken off the board | leaves the board | leave the board | comes off the board | come off the board
loser: the loser | loser | the losing side
accept: accepting
stops: stops | stop | stops there
answercheck: leave check | leaves check | leaving check | get out of check | gets out of check | getting out of check | escape check | escape the check | escape from check
nolonger: lose their | loses its | lose the ability to | loses the ability to | lose the power to | loses the power to | lose the right to | loses the right to | lost the right to | have lost the right to | has lost the right to
sideways: sidestep | sidesteps | side step
stale: stalemating | stalemates | being stalemated
lost: costs you the game | costs the game
illegal: is out | are out
among: between
removed: stays off the board | stay off the board | off the board for good
recolor: leaves the color | leaves the colour | leave the color | leave the colour
through: cross | crosses | crossing
promote: swapped for | swapped into
consecutive: consecutive | consecutively | in succession | back to back | one directly after another | in direct succession
"""
