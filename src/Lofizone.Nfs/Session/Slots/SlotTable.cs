using System.Numerics;
using Lofizone.Nfs.Options;
using Lofizone.Nfs.Session.Calls;

namespace Lofizone.Nfs.Session.Slots;

/// <summary>
/// The slots of a session (RFC 8881 section 2.10.6). Each slot holds at most one unanswered call. A slot's sequence ID advances only when
/// the server has executed the call. The lowest free slot is taken first, so that the server may shrink the table. Not safe for concurrent
/// use.
/// </summary>
internal sealed class SlotTable
{
    private readonly CompoundCall?[] _calls = new CompoundCall?[NfsClientOptions.SlotLimit];
    private readonly uint[] _sequenceIds = new uint[NfsClientOptions.SlotLimit];
    private ulong _free;
    private int _count;
    private int _usable;
    private int _limit;

    /// <summary>Limit for the number of slots that calls without urgency take.</summary>
    public const int OrdinaryLimit = NfsClientOptions.SlotLimit - 1;

    /// <summary>Number of slots from which on the last slot is kept for urgent calls.</summary>
    private const int LeastForReserve = 4;

    /// <summary>Number of slots of the session.</summary>
    public int Count => _count;

    /// <summary>Number of calls without an answer.</summary>
    public int InFlight => _count - BitOperations.PopCount(_free);

    /// <summary>Highest slot in use, for sa_highest_slotid.</summary>
    public uint HighestInUse
    {
        get
        {
            ulong used = ~_free & MaskOf(_count);
            return used == 0 ? 0 : 63 - (uint)BitOperations.LeadingZeroCount(used);
        }
    }

    /// <summary>Starts a new session: all slots are free, all sequence IDs are at their start.</summary>
    /// <param name="count">Number of slots that the session begins with.</param>
    /// <param name="limit">Number of slots that the session may grow to when the server raises its target.</param>
    public void Reset(int count, int limit = 0)
    {
        _count = Math.Clamp(count, 1, NfsClientOptions.SlotLimit);
        _limit = Math.Clamp(limit, _count, NfsClientOptions.SlotLimit);
        _usable = _count;
        _free = MaskOf(_count);
        Array.Clear(_calls);
        // The first request in a slot carries sequence ID 1 (RFC 8881 section 18.46.3).
        Array.Fill(_sequenceIds, 1u);
    }

    /// <summary>Puts the call into the lowest free slot that the server allows. False when no slot is free.</summary>
    /// <param name="call">The call.</param>
    /// <param name="urgent">
    /// The call may take the last slot, which is kept free so that a renewal of the lease never waits behind slow requests.
    /// </param>
    /// <param name="slot">The slot of the call.</param>
    /// <param name="sequenceId">The sequence ID that the call carries.</param>
    public bool TryTake(CompoundCall call, bool urgent, out int slot, out uint sequenceId)
    {
        ulong allowed = _free & MaskOf(urgent || _usable < LeastForReserve ? _usable : _usable - 1);
        slot = BitOperations.TrailingZeroCount(allowed);
        if (allowed == 0)
        {
            sequenceId = 0;
            return false;
        }
        _free &= ~(1UL << slot);
        _calls[slot] = call;
        sequenceId = _sequenceIds[slot];
        return true;
    }

    public CompoundCall? this[int slot] => (uint)slot < (uint)_count ? _calls[slot] : null;

    /// <summary>Frees the slot of an answered call.</summary>
    /// <param name="slot">The slot.</param>
    /// <param name="executed">The server took the sequence ID. Otherwise the next call in this slot carries the same sequence ID.</param>
    public void Release(int slot, bool executed)
    {
        _calls[slot] = null;
        _free |= 1UL << slot;
        if (executed)
            _sequenceIds[slot]++;
    }

    /// <summary>
    /// Follows the server's target (RFC 8881 sections 2.10.6.1 and 18.46.3). At least one slot stays, and calls under way keep their slots.
    /// </summary>
    /// <param name="targetHighestSlot">sr_target_highest_slotid: the highest slot that the server wants used.</param>
    /// <param name="highestSlot">
    /// sr_highest_slotid: the highest slot that the server accepts now. New slots are used only within both limits.
    /// </param>
    public void SetTarget(uint targetHighestSlot, uint highestSlot)
    {
        int offered = (int)Math.Min(Math.Min((long)targetHighestSlot, highestSlot) + 1, _limit);
        if (offered > _count)
        {
            _free |= MaskOf(offered) & ~MaskOf(_count);
            _count = offered;
        }
        _usable = (int)Math.Clamp((long)targetHighestSlot + 1, 1, _count);
    }

    private static ulong MaskOf(int count) => count >= 64 ? ulong.MaxValue : (1UL << count) - 1;
}
