using CsCheck;
using Lofizone.Nfs.Session.Calls;
using Lofizone.Nfs.Session.Slots;

namespace Lofizone.Nfs.Tests.Session;

/// <summary>The slots of a session (RFC 8881 section 2.10.6).</summary>
public sealed class SlotTableTests
{
    [Fact]
    public void Slots_hold_one_call_each_and_count_only_what_was_executed() => Gen.Select(Gen.Int[1, 64], Gen.Bool.Array[1, 200]).Sample((count, executed) =>
    {
        SlotTable slots = new();
        slots.Reset(count);
        uint[] expected = [.. Enumerable.Repeat(1u, count)];
        foreach (bool done in executed)
        {
            List<int> taken = [];
            while (slots.TryTake(new CompoundCall(), urgent: true, out int slot, out uint sequence))
            {
                Assert.DoesNotContain(slot, taken);
                Assert.Equal(expected[slot], sequence);
                taken.Add(slot);
            }
            Assert.Equal(count, taken.Count);
            Assert.Equal((uint)count - 1, slots.HighestInUse);
            foreach (int slot in taken)
            {
                slots.Release(slot, done);
                expected[slot] += done ? 1u : 0;
            }
            Assert.Equal(0, slots.InFlight);
        }
        slots.SetTarget(0, 0);
        Assert.True(slots.TryTake(new CompoundCall(), urgent: false, out int lowest, out _));
        Assert.Equal(0, lowest);
        Assert.False(slots.TryTake(new CompoundCall(), urgent: true, out _, out _));
    }, iter: 20);

    [Fact]
    public void A_slot_table_follows_the_target_down_and_up_and_keeps_one_slot_for_urgent_calls()
    {
        SlotTable slots = new();
        slots.Reset(16, 32);
        List<int> taken = Take(slots, urgent: false);
        Assert.Equal(15, taken.Count);
        slots.SetTarget(3, 15);
        Assert.Empty(Take(slots, urgent: true));
        foreach (int slot in taken)
            slots.Release(slot, executed: true);
        Assert.Equal([0, 1, 2], taken = Take(slots, urgent: false));
        Assert.Equal([3], Take(slots, urgent: true));
        Assert.Equal(3u, slots.HighestInUse);
        foreach (int slot in taken.Append(3))
            slots.Release(slot, executed: true);
        // The session gets more slots when the server allows and proposes them, up to the number that the client asked for.
        slots.SetTarget(23, 19);
        Assert.Equal(20, slots.Count);
        slots.SetTarget(63, 63);
        Assert.Equal(32, slots.Count);
        Assert.Equal(32, Take(slots, urgent: true).Count);
    }

    private static List<int> Take(SlotTable slots, bool urgent)
    {
        List<int> taken = [];
        while (slots.TryTake(new CompoundCall(), urgent, out int slot, out _))
            taken.Add(slot);
        return taken;
    }
}
